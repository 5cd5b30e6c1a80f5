import Foundation
import TestSupport
import Testing

/// Documents in the programs that they are made for, where these are installed.
@Suite("Documents in other programs")
struct DocumentProgramTests {
  let workspace: String

  init() throws { workspace = try Program.workspace() }

  static let browser = find("chromium") ?? find("google-chrome")
  /// A Python that has nbformat: `VCSH_PYTHON`, else the first in the path.
  static let python: String? = {
    let named = ProcessInfo.processInfo.environment["VCSH_PYTHON"]
    guard let path = named ?? find("python3") else { return nil }
    return (try? output(path, ["-c", "import nbformat, nbconvert"]))?.status == 0 ? path : nil
  }()

  private static func find(_ name: String) -> String? {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  private static func output(_ program: String, _ arguments: [String]) throws -> (status: Int32, text: String) {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text)
  }

  private func export(_ commands: String, _ file: String) throws -> String {
    let template = Program.project + "/workspace-template"
    let opened = "open \(template)/checkpoints/twin.ckpt as twin; open \(template)/recordings/Sim_2025-01-17 as sim; "
    let path = workspace + "/" + file
    let result = try Program.run(["-w", workspace, "-c", opened + commands + "; export session \(path)"])
    #expect(result.status == 0, "\(result.errors)")
    return path
  }

  /// The page's body after a script has run in it.
  private func page(_ path: String, running script: String) throws -> String {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let changed = path + ".test.html"
    try Data(text.replacing("</body>", with: "<script>\(script)</script></body>").utf8).write(
      to: URL(filePath: changed))
    let browser = try #require(Self.browser)
    return try Self.output(
      browser,
      [
        "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=2000", "--dump-dom",
        "--user-data-dir=\(workspace)/browser", "file://\(changed)",
      ]
    ).text
  }

  @Test("A click on a heading sorts by number, what is undefined last, and says so", .enabled(if: browser != nil))
  func sorts() throws {
    let path = try export(
      "let t = [{n: 10, word: b}, {n: null, word: a10}, {n: 9, word: a9}, {n: -1, word: null}]; $t | select n word",
      "x.html")
    let script = """
      var table = Array.from(document.querySelectorAll('.output table')).pop();
      var heads = table.tHead.rows[0].cells;
      function order() { return Array.from(table.tBodies[0].rows).map(r => r.cells[0].textContent + '/' + r.cells[1].textContent).join(' '); }
      var seen = [];
      [0, 0, 0, 1].forEach(function (index) {
        heads[index].querySelector('button').click();
        seen.push(order() + ' ' + heads[index].getAttribute('aria-sort'));
      });
      document.body.setAttribute('data-seen', seen.join('; '));
      """
    let dom = try page(path, running: script)
    let seen = try #require(dom.firstMatch(of: /data-seen="([^"]*)"/)).1
    #expect(
      seen.split(separator: "; ") == [
        "-1/- 9/a9 10/b -/a10 ascending", "10/b 9/a9 -1/- -/a10 descending", "10/b -/a10 9/a9 -1/- none",
        "9/a9 -/a10 10/b -1/- ascending",
      ])
  }

  @Test("The page draws its figures, within their bounds, and asks nobody for anything", .enabled(if: browser != nil))
  func draws() throws {
    let path = try export("neuron twin 3 on sim/gaborium", "x.html")
    let script = """
      var bad = 0, drawn = 0;
      document.querySelectorAll('figure svg').forEach(function (svg) {
        drawn += 1;
        var box = svg.getBoundingClientRect();
        svg.querySelectorAll('text, path, circle, polygon').forEach(function (part) {
          var inner = part.getBoundingClientRect();
          if (inner.left < box.left - 1 || inner.right > box.right + 1 || inner.top < box.top - 1 || inner.bottom > box.bottom + 1) { bad += 1; }
        });
      });
      document.body.setAttribute('data-seen', drawn + ' drawn, ' + bad + ' outside, ' + performance.getEntriesByType('resource').length + ' fetched');
      """
    let dom = try page(path, running: script)
    let seen = try #require(dom.firstMatch(of: /data-seen="([^"]*)"/)).1
    #expect(seen.wholeMatch(of: /[1-9]\d* drawn, 0 outside, 0 fetched/) != nil, "\(seen)")
  }

  @Test("A notebook is valid and can be converted", .enabled(if: python != nil))
  func notebook() throws {
    let path = try export("eval twin on sim/gaborium | head 3; neuron twin 3 on sim/gaborium", "x.ipynb")
    let code = """
      import sys, nbformat
      from nbconvert import HTMLExporter
      book = nbformat.read(sys.argv[1], as_version=4)
      nbformat.validate(book)
      body, _ = HTMLExporter().from_notebook_node(book)
      print(len(book.cells), "bits_per_spike" in body)
      """
    let result = try Self.output(
      try #require(Self.python), ["-W", "error", "-W", "ignore:No lexer found", "-c", code, path])
    #expect(result.text == "5 True\n")
  }

  @Test("A script of a session passes the check and shows the same in a fresh workspace")
  func script() throws {
    let template = Program.project + "/workspace-template"
    let work =
      "let s = eval twin on sim/gaborium --split val; $s | sort r --reverse | head 3; neuron twin 3 on sim/gaborium"
    let opened = "open \(template)/checkpoints/twin.ckpt as twin; open \(template)/recordings/Sim_2025-01-17 as sim; "
    let first = try Program.run(["-w", workspace, "-c", opened + work])
    let recipe = workspace + "/x.vc"
    #expect(try Program.run(["-w", workspace, "-c", "script > \(recipe)"]).output == "")
    let fresh = try Program.workspace()
    #expect(try Program.run(["-w", fresh, "--check", "-f", recipe]).status == 0)
    #expect(try Program.run(["-w", fresh, "-f", recipe]).output == first.output)
    let help = try Program.run(["-f", recipe, "--help"]).output
    #expect(
      help.hasPrefix("Entries 1-5 of the vcsh session") && help.contains("usage: vcsh \(recipe) [--NAME VALUE …]"))
    #expect(help.contains("  --split STRING     split: train, val, all (default: val)\n"))
  }

  @Test("A plan is a table or JSON, and leaves no trace")
  func plan() throws {
    let recipe = workspace + "/p.vc"
    let recording = Program.project + "/workspace-template/recordings/Sim_2025-01-17"
    try Data("param rec: path = '\(recording)'\nopen $rec as sim\nshow sim > s.txt\n".utf8).write(
      to: URL(filePath: recipe))
    let plan = try Program.run(["-w", workspace, "--csv", "-f", recipe, "--dry-run"], folder: workspace)
    #expect(plan.status == 0 && plan.output.hasPrefix("line,command,reads,writes,cache,problem\n"))
    #expect(
      plan.output.contains("show sim > s.txt,\"sim (recording, ")
        || plan.output.contains("show sim > s.txt,sim (recording"))
    #expect(!FileManager.default.fileExists(atPath: workspace + "/s.txt"))
    #expect(try Program.run(["-w", workspace, "--csv", "-c", "ls | count"]).output.contains("0"))
    let json = try Program.run(["-w", workspace, "--json", "-c", "print a", "--dry-run"]).output
    #expect(json.contains("\"command\": \"print a\"") && json.hasPrefix("["))
  }
}
