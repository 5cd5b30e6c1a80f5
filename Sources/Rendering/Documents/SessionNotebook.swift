import Base
import Foundation

/// A session as a Jupyter notebook with its stored outputs: nbformat 4.5, for the kernel `vcsh`.
public enum SessionNotebook {
  public static func render(_ document: SessionDocument) throws -> String {
    let head =
      "# \(MarkdownText.escaped(document.title))\n\n"
      + (document.facts + [document.summary]).map { "- \(MarkdownText.escaped($0))\n" }.joined()
    var cells = [Cell(id: "title", kind: "markdown", source: lines(head))]
    for (place, entry) in document.entries.enumerated() {
      // The position distinguishes entries with the same number, e.g. of two sessions.
      cells.append(
        Cell(
          id: "entry-\(place + 1)-\(entry.number)", kind: "code", source: lines(entry.command),
          count: entry.number, metadata: metadata(entry), outputs: outputs(entry)))
    }
    let notebook = Notebook(cells: cells)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(notebook), as: UTF8.self) + "\n"
  }

  // MARK: Outputs

  private static func outputs(_ entry: SessionDocument.Entry) -> [Output] {
    var outputs: [Output] = []
    switch entry.result {
    case .null: break
    case .report(let report): outputs += parts(of: report).map { Output(kind: "display_data", data: $0) }
    default:
      outputs.append(Output(kind: "execute_result", data: data(of: entry.result), count: entry.number))
    }
    if let remark = entry.remark { outputs.append(Output(kind: "stream", text: lines(remark + "\n"))) }
    if let error = entry.error {
      let message = SafeText.line(error)
      outputs.append(Output(kind: "error", error: message, name: entry.status))
    }
    return outputs
  }

  /// Each figure is an output of its own; the sections between figures are combined into one.
  private static func parts(of report: Report) -> [[String: [String]]] {
    var parts: [[String: [String]]] = []
    var rest = Report(report.title, [])
    func close() {
      if !rest.title.isEmpty || !rest.sections.isEmpty { parts.append(data(of: .report(rest))) }
      rest = Report("", [])
    }
    for section in report.sections {
      guard case .figure(let figure) = section.body else {
        rest.sections.append(section)
        continue
      }
      if !section.heading.isEmpty, section.heading != figure.title {
        rest.sections.append(.init(section.heading, .lines([])))
      }
      close()
      let text = TextFigure.draw(figure, width: 80, height: 15, unicode: true).joined(separator: "\n")
      parts.append(["image/svg+xml": lines(SVGFigure(figure).text), "text/plain": lines(text)])
    }
    close()
    return parts
  }

  private static func data(of value: Value) -> [String: [String]] {
    var shown = value
    if case .table(let table) = value { shown = .table(SessionMarkdown.cut(table)) }
    var data = ["text/plain": lines(Renderer(.batch()).render(shown))]
    switch value {
    case .table, .record, .list, .report:
      let options = HTMLText.Options(
        maximumRows: SessionDocument.maximumRows, drawsFigures: true, headingLevel: 3)
      data["text/html"] = lines(HTMLText.render(value, options))
    default: break
    }
    return data
  }

  /// Lines with their line ends, as notebooks store text.
  private static func lines(_ text: String) -> [String] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    return lines.enumerated().map { $0.offset < lines.count - 1 ? $0.element + "\n" : String($0.element) }
      .filter { !$0.isEmpty }
  }

  // MARK: The file

  private static func metadata(_ entry: SessionDocument.Entry) -> CellMetadata {
    CellMetadata(
      vcsh: .init(
        entry: entry.number, status: entry.status, started: SessionDocument.time(entry.started),
        seconds: entry.seconds,
        provenance: entry.provenance.map { row in
          [row.what, row.which, row.size, row.fingerprint].filter { !$0.isEmpty }.joined(separator: " · ")
        }))
  }

  private struct Notebook: Encodable {
    let cells: [Cell]
    let metadata = Metadata()
    let nbformat = 4
    // swift-format-ignore: AlwaysUseLowerCamelCase
    let nbformat_minor = 5
  }

  private struct Metadata: Encodable {
    let kernelspec = ["name": "vcsh", "display_name": "vcsh", "language": "vcsh"]
    // swift-format-ignore: AlwaysUseLowerCamelCase
    let language_info = [
      "name": "vcsh", "file_extension": ".vc", "mimetype": "text/x-vcsh", "pygments_lexer": "vcsh",
    ]
  }

  private struct CellMetadata: Encodable {
    struct Entry: Encodable {
      let entry: Int
      let status: String
      let started: String
      let seconds: Double?
      let provenance: [String]
    }

    let vcsh: Entry
  }

  private struct Cell: Encodable {
    let id: String
    let kind: String
    let source: [String]
    var count: Int?
    var metadata: CellMetadata?
    var outputs: [Output] = []

    enum Key: String, CodingKey {
      case id, source, metadata, outputs
      case kind = "cell_type"
      case count = "execution_count"
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(id, forKey: .id)
      try container.encode(kind, forKey: .kind)
      try container.encode(source, forKey: .source)
      if let metadata {
        try container.encode(metadata, forKey: .metadata)
      } else {
        try container.encode([String: String](), forKey: .metadata)
      }
      guard kind == "code" else { return }
      try container.encode(count, forKey: .count)
      try container.encode(outputs, forKey: .outputs)
    }
  }

  private struct Output: Encodable {
    let kind: String
    var data: [String: [String]] = [:]
    var count: Int?
    var text: [String]?
    var error: String?
    var name = ""

    enum Key: String, CodingKey {
      case data, metadata, text, traceback
      case kind = "output_type"
      case count = "execution_count"
      case stream = "name"
      case error = "ename"
      case value = "evalue"
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(kind, forKey: .kind)
      if let text {
        try container.encode("stderr", forKey: .stream)
        try container.encode(text, forKey: .text)
      } else if let error {
        try container.encode(name, forKey: .error)
        try container.encode(error, forKey: .value)
        try container.encode(["error: " + error], forKey: .traceback)
      } else {
        try container.encode(data, forKey: .data)
        try container.encode([String: String](), forKey: .metadata)
        if kind == "execute_result" { try container.encode(count, forKey: .count) }
      }
    }
  }
}
