import Base
import Commands
import Functions
import Language
import Metrics
import Session
import Shell
import Testing

@Suite("Help")
struct HelpTests {
  let shell: Shell

  init() throws { shell = try Shell(opened: false) }

  private func lines(_ report: Report, _ heading: String) -> [String] {
    switch report.sections.first(where: { $0.heading == heading })?.body {
    case .lines(let lines): lines
    case .fields(let record): record.fields.map { "\($0.name): \($0.value.plainText)" }
    default: []
    }
  }

  private func found(_ words: String) throws -> [String] {
    guard case .table(let table)? = try shell.report("help --search \"\(words)\"").sections.first?.body else {
      return []
    }
    return (0..<table.rowCount).map { table.record($0)["topic"]?.plainText ?? "" }
  }

  @Test("A recipe's page has its leading comment and its parameters")
  func recipe() throws {
    let path = shell.folder + "/count.vc"
    try """
    vcsh 1
    # Counts cells.

    param twin: path = "t.ckpt" "the twin"
    param n: int "how many"
    print $n
    """.write(toFile: path, atomically: false, encoding: .utf8)
    let page = try shell.report("help '\(path)'")
    #expect(lines(page, "") == ["Counts cells."])
    #expect(lines(page, "usage") == ["run \(path) --n INT [--NAME VALUE …]"])
    #expect(
      lines(page, "parameters") == ["--twin PATH: the twin (default: \"t.ckpt\")", "--n INT: how many (required)"])
    #expect(try shell.failure("help '\(shell.folder)/none.vc'").message.contains("there is no help on"))
  }

  @Test("A command's page has usage, types, units, defaults, columns, examples and what else to see")
  func command() throws {
    let page = try shell.report("help calibrate")
    #expect(lines(page, "usage").first?.hasPrefix("calibrate TWIN|PREDICTIONS") == true)
    #expect(lines(page, "flags").contains { $0.hasPrefix("--mode affine|gain") && $0.hasSuffix("(default affine)") })
    #expect(lines(page, "columns").contains { $0.hasPrefix("offset: float, counts/bin, ") })
    #expect(lines(page, "examples").contains { $0.hasPrefix("calibrate twin on") })
    #expect(lines(page, "see also").first?.contains("gain") == true)
    #expect(lines(try shell.report("help cache"), "flags").contains { $0.hasSuffix(", in days") })
  }

  @Test("Functions, words of the language, metrics and definitions have pages")
  func topics() throws {
    #expect(lines(try shell.report("help quantile"), "usage") == ["quantile(values, q)"])
    #expect(lines(try shell.report("help param"), "usage").first?.hasPrefix("param NAME:") == true)
    #expect(!lines(try shell.report("help nll"), "formula").isEmpty)
    try shell.run("def topmost(n: int = 3) { $_ | head $n }")
    #expect(try shell.report("help topmost").title.hasPrefix("topmost: "))
    for name in FunctionTable.names + Parser.keywords {
      let page = try shell.report("help \(name)")
      #expect(page.title.hasPrefix(name))
      #expect(lines(page, "usage").first?.contains(name) == true, "\(name)")
    }
  }

  @Test("A name that is a command and a function shows both")
  func both() throws {
    let page = try shell.report("help count")
    #expect(page.sections.filter { $0.heading == "usage" }.count == 2)
  }

  @Test(
    "Search puts the best first: names, then terms, then text",
    arguments: [
      ("gain offset", "gain"), ("metrics", "explain"), ("plot", "plot"), ("plotting", "plot"),
      ("histograms", "plot"), ("bootstrap", "ci"), ("pearson", "r"), ("variables", "let"), ("loop", "for"),
      ("calibartion", "calibrate"), ("firing rates", "rate_hz"), ("undoo", "undo"),
    ])
  func search(words: String, first: String) throws {
    #expect(try found(words).first == first)
  }

  @Test("A misspelt word is replaced by one best guess, and that is said")
  func guess() throws {
    guard case .table(let table)? = try shell.report("help --search calibartion").sections.first?.body else {
      Issue.record("no table")
      return
    }
    #expect(table.note?.hasPrefix("no match for `calibartion`; showing `calibra") == true)
    #expect(try shell.failure("help --search zzzzqq").message == "no match for `zzzzqq`")
  }

  @Test("Examples are shown with what they give")
  func examples() throws {
    let page = try shell.report("examples sort")
    let shown = page.sections.compactMap { section -> [String]? in
      if case .lines(let lines) = section.body { lines } else { nil }
    }
    let examples = try #require(AllCommands.table["sort"]).examples
    #expect(shown.map(\.first) == examples.map { "> \($0.command)" })
    let stored = try ExampleTests.snapshot(of: "sort")
    for (lines, example) in zip(shown, examples) {
      let output = try #require(stored.output(of: example.command))
      #expect(!output.isEmpty && lines.dropFirst().joined(separator: "\n").contains(output), "\(lines)")
    }
  }

  @Test(
    "Every metric is explained with formula, undefined cases and source", arguments: AllMetrics.types.map { $0.name })
  func metric(name: String) throws {
    let metric = try #require(AllMetrics.types.first { $0.name == name })
    let page = try shell.report("explain \(name)")
    #expect(lines(page, "formula").first == metric.formula)
    #expect(lines(page, "metric").contains("source: \(metric.source)"))
    #expect(lines(page, "how to read it").joined(separator: " ") == metric.interpretation)
    for cause in metric.undefinedCases {
      #expect(lines(page, "undefined").contains { $0.hasPrefix("\(cause.rawValue): ") })
    }
    for alias in metric.aliases { #expect(try shell.report("explain '\(alias)'").title.hasPrefix(name + ":")) }
  }

  @Test("A column is explained by the commands that give it, and by the metric that it is a kind of")
  func column() throws {
    #expect(
      lines(try shell.report("explain gain"), "given by").map { $0.prefix { $0 != ":" } }
        == ["neurons", "calibrate", "gain"])
    let reasons = lines(try shell.report("explain reason"), "given by")
    #expect(reasons.contains { $0.hasPrefix("eval") && $0.hasSuffix("Why a score is null") }, "\(reasons)")
    #expect(lines(try shell.report("explain nll_calibrated"), "metric").first?.hasPrefix("nll: ") == true)
  }
}
