import Base
import Foundation
import FoundationXML
import Rendering
import Testing

@Suite("Figures as SVG")
struct SVGFigureTests {
  private final class Elements: NSObject, XMLParserDelegate {
    var names: [String] = []
    var attributes: [[String: String]] = []
    var texts: [String] = []

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String] = [:]
    ) {
      names.append(name)
      self.attributes.append(attributes)
      texts.append("")
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) {
      if !texts.isEmpty { texts[texts.count - 1] += text }
    }
  }

  /// The elements of well-formed XML.
  private func elements(_ svg: String) throws -> Elements {
    let parser = XMLParser(data: Data(svg.utf8))
    let elements = Elements()
    parser.delegate = elements
    #expect(parser.parse(), "\(parser.parserError.map(String.init(describing:)) ?? "")")
    return elements
  }

  private func texts(_ figure: Figure) throws -> [String] {
    try elements(SVGFigure(figure).text).texts.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
  }

  private let ramp = Figure(
    "ramp", xLabel: "time (s)", yLabel: "Hz",
    series: [.init("rate", x: [0, 1, 2, 3, 4], y: [0, 1, 2, 3, 4]), .init("other", x: [0, 4], y: [4, 0])])

  @Test("Title, axes, ticks and legend are text in the drawing")
  func words() throws {
    let texts = try texts(ramp)
    for word in ["ramp", "time (s)", "Hz", "rate", "other", "0", "2", "4"] { #expect(texts.contains(word), "\(word)") }
  }

  @Test("A rising line goes from the lower left to the upper right")
  func line() throws {
    let svg = SVGFigure(Figure("", series: [.init("a", x: [0, 10], y: [0, 10])])).text
    let path = try #require(svg.firstMatch(of: /d="M([0-9.]+) ([0-9.]+)L([0-9.]+) ([0-9.]+)" stroke="#0072b2"/))
    let places = try [path.1, path.2, path.3, path.4].map { try #require(Double($0)) }
    #expect(places[0] < places[2] && places[1] - places[3] == 260)
  }

  @Test("Empty and unusual figures are well-formed, without NaN or infinity")
  func odd() throws {
    for figure in TextFigureTests.oddFigures {
      let svg = SVGFigure(figure).text
      let elements = try elements(svg)
      #expect(elements.names.first == "svg")
      for attribute in elements.attributes.flatMap({ $0.filter { $0.key != "aria-label" }.values }) {
        #expect(!attribute.contains("nan") && !attribute.contains("inf"), "\(figure.title)")
      }
    }
  }

  @Test("Without a defined point the figure says `no data`")
  func nothing() throws {
    #expect(try texts(Figure("a")).contains("no data"))
    #expect(try texts(Figure("a", series: [.init("s", x: [1], y: [.nan])])).contains("no data"))
    #expect(try texts(Figure("a", map: .init(rows: 1, columns: 1, values: [.nan]))).contains("no data"))
  }

  @Test("Undefined points leave a gap")
  func gap() {
    let svg = SVGFigure(Figure("", series: [.init("a", x: [0, 1, 2, 3, 4], y: [1, 2, .nan, 2, 1])])).text
    #expect(svg.matches(of: /<path d="M[^"]*" stroke="#0072b2"/).count == 2)
  }

  @Test("Names can't contain markup")
  func hostile() throws {
    var figure = ramp
    figure.title = "</svg><script>alert(1)</script>\u{1b}[2J\u{ffff}"
    figure.series[0].name = "\"><image href='x'/>"
    figure.note = "a & b < c"
    let svg = SVGFigure(figure).text
    let elements = try elements(svg)
    #expect(!elements.names.contains("script") && !elements.names.contains("image"))
    #expect(elements.texts.contains { $0.hasPrefix("</svg><script>alert(1)</script>\\u{1b}[2J") })
    #expect(!svg.contains("\u{1b}"))
  }

  @Test("On a page a figure uses the page's colour and no namespace; the same figure gives the same text")
  func ground() {
    let page = SVGFigure(ramp, ground: .page).text
    #expect(!page.contains("http") && page.contains("currentColor") && !page.contains("#ffffff"))
    #expect(page == SVGFigure(ramp, ground: .page).text)
    #expect(SVGFigure(ramp).text.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\""))
  }

  @Test("A map has one path for each of its colours, and a key with its range")
  func map() throws {
    var map = Figure.Map(rows: 2, columns: 3, values: [0, 0, 1, 1, .nan, 0.5], outline: [(0, 0), (1, 0), (1, 1)])
    map.label = "gain"
    let figure = Figure("", map: map)
    let svg = SVGFigure(figure).text
    #expect(svg.contains("<path d=\"M0 0h2v1H0z\" fill=\"#440154\"/>"))
    #expect(svg.contains("<path d=\"M2 0h1v1H2zM0 1h1v1H0z\" fill=\"#fde725\"/>"))
    #expect(try elements(svg).names.count { $0 == "polygon" } == 2)
    let texts = try texts(figure)
    #expect(texts.contains("gain") && texts.contains("0.0") && texts.contains("1.0") && texts.contains("2 x 3"))
    #expect(texts.contains("blank: no value"))
  }

  @Test("Bars begin at zero, several of one name are side by side, and names that don't fit are turned")
  func bars() throws {
    var figure = Figure(
      "",
      series: [
        .init("a", x: [0, 1], y: [2, -1], style: .bars), .init("b", x: [0, 1], y: [1, 1], style: .bars),
      ])
    figure.xNames = ["one", "two"]
    let svg = SVGFigure(figure).text
    let starts = svg.matches(of: /[M"z]M?([0-9.]+) ([0-9.]+)V/)
    #expect(starts.count == 4)
    #expect(Set(starts.map { $0.2 }).count == 1, "all from zero")
    #expect(Set(starts.map { $0.1 }).count == 4, "side by side")
    #expect(!svg.contains("rotate(-35"))
    figure.xNames = [String(repeating: "long ", count: 40), "two"]
    #expect(SVGFigure(figure).text.contains("rotate(-35"))
  }

  @Test("A hundred thousand points take less than 100 kB, and peaks are kept")
  func many() throws {
    var y = (0..<100_000).map { sin(Double($0) / 1000) }
    y[50_000] = 7
    let line = SVGFigure(Figure("", series: [.init("a", x: (0..<100_000).map(Double.init), y: y)])).text
    #expect(line.utf8.count < 60_000)
    let path = try #require(line.firstMatch(of: /d="(M[^"]*)" stroke="#0072b2"/))
    let heights = String(path.1).matches(of: /\ ([0-9.]+)/).compactMap { Double($0.1) }
    #expect(try #require(heights.min()) < 60)
    let points = SVGFigure(
      Figure("", series: [.init("a", x: y, y: y.map { $0 * 2 }, style: .points)])
    ).text
    #expect(points.utf8.count < 100_000)
  }

  @Test("Several figures are drawn one below the other")
  func several() throws {
    let found = try elements(SVGFigure([ramp, Figure("second")]).text)
    let heights = try ["ramp", "second"].map { title in
      let place = try #require(found.texts.firstIndex { $0.trimmingCharacters(in: .whitespacesAndNewlines) == title })
      return try #require(found.attributes[place]["y"].flatMap(Double.init))
    }
    #expect(heights[0] + 200 < heights[1])
  }
}
