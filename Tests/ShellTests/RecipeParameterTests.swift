import Foundation
import TestSupport
import Testing

@Suite("Parameters of recipes and the options of vcsh")
struct RecipeParameterTests {
  let workspace: String

  init() throws {
    workspace = try Program.workspace()
    try write("B.vc", "print \"I am B\"\n")
    try write(
      "takes.vc",
      """
      vcsh 1
      param file: path = x.ckpt "input"
      param output: path = y.csv "output"
      print "file=$file output=$output"
      """)
    try write(
      "grid.vc",
      """
      vcsh 1
      param l2s: [float] = [0.001, 0.01] "penalties"
      param who: string = you
      for l2 in $l2s { print "$who $l2" }
      """)
  }

  func write(_ name: String, _ text: String) throws {
    try text.write(toFile: "\(workspace)/\(name)", atomically: true, encoding: .utf8)
  }

  func vcsh(_ arguments: String...) throws -> Program.Result { try Program.run(arguments, folder: workspace) }

  /// The long options of the program, as it describes itself.
  private func options() throws -> [String] {
    struct Dump: Decodable {
      struct Command: Decodable {
        struct Argument: Decodable {
          struct Name: Decodable {
            var kind: String
            var name: String
          }
          var names: [Name]?
        }
        var commandName: String
        var arguments: [Argument]?
        var subcommands: [Command]?
      }
      var command: Command
    }
    let text = try vcsh("--experimental-dump-help").output
    let dump = try JSONDecoder().decode(Dump.self, from: Data(text.utf8))
    let run = try #require(dump.command.subcommands?.first { $0.commandName == "run" })
    return (run.arguments ?? []).flatMap { $0.names ?? [] }.filter { $0.kind == "long" }.map(\.name)
  }

  @Test("A parameter with the name of any option of vcsh is refused, with and without --check")
  func reserved() throws {
    let names = try options()
    #expect(names.contains("file") && names.contains("dry-run") && names.count > 10)
    for option in names {
      let name = option.replacing("-", with: "_")
      try write("one.vc", "param \(name): string = x\nprint $\(name)\n")
      for arguments in [["--check", "-f", "one.vc"], ["one.vc"]] {
        let result = try Program.run(arguments, folder: workspace)
        #expect(result.status == 2, "\(name)")
        #expect(result.output.isEmpty)
        #expect(result.errors.contains("one.vc:1:1") && result.errors.contains("`--\(option)` is an option of vcsh"))
      }
    }
  }

  @Test("A recipe that declares `file` never makes --file run another recipe")
  func shadowed() throws {
    let result = try vcsh("-f", "takes.vc", "--file", "B.vc")
    #expect(result.status == 2)
    #expect(result.output.isEmpty)
    #expect(result.errors.contains("-f (--file) is given twice: takes.vc, B.vc"))
    let check = try vcsh("--check", "-f", "takes.vc")
    #expect(check.errors.contains("takes.vc:2:1") && check.errors.contains("takes.vc:3:1"))
  }

  @Test("--check judges the values from outside as a run does: names and types")
  func checkedValues() throws {
    for (arguments, reason) in [
      (["--l2", "0.1"], "there is no parameter --l2"), (["--l2s", "small"], "--l2s"),
      (["--who"], "--who needs a value"),
    ] {
      let run = try Program.run(["-f", "grid.vc"] + arguments, folder: workspace)
      let check = try Program.run(["--check", "-f", "grid.vc"] + arguments, folder: workspace)
      #expect(run.status == 2 && check.status == 2 && check.output.isEmpty && run.output.isEmpty, "\(arguments)")
      #expect(check.errors.contains(reason) && check.errors == run.errors, "\(check.errors)")
    }
    #expect(try vcsh("--check", "-f", "grid.vc", "--l2s", "0.1,0.2").status == 0)
  }

  @Test("Several -c run in order; an option or a parameter that is given twice is an error")
  func repeated() throws {
    #expect(try vcsh("-c", "print 1", "-c", "print 2").output == "1\n2\n")
    for arguments in [
      ["-w", ".", "-w", ".", "-c", "print 1"], ["-o", "csv", "--output", "tsv", "-c", "print 1"],
      ["grid.vc", "--who", "a", "--who", "b"],
    ] {
      let result = try Program.run(arguments, folder: workspace)
      #expect(result.status == 2)
      #expect(result.output.isEmpty)
      #expect(result.errors.contains("is given twice"))
    }
  }

  @Test("A recipe beside -c is refused with the way to run both")
  func recipeAndCommand() throws {
    let result = try vcsh("B.vc", "-c", "print 3")
    #expect(result.status == 2 && result.output.isEmpty)
    #expect(result.errors.contains("exclude each other") && result.errors.contains("run B.vc; …"))
  }

  @Test("A list without a value is refused, and an empty list says so")
  func emptyList() throws {
    let path = workspace + "/lists.vc"
    try "param l2s: [float]\nprint ${length($l2s)}\n".write(toFile: path, atomically: true, encoding: .utf8)
    let refused = try vcsh("lists.vc", "--l2s=")
    #expect(refused.status == 2 && refused.output.isEmpty && refused.errors.contains("--l2s has no value"))
    #expect(try vcsh("lists.vc", "--l2s=[]").output == "0\n")
  }

  @Test("`vcsh recipe.vc` runs a recipe with its parameters, and so does a script that begins with `#!`")
  func bare() throws {
    #expect(try vcsh("B.vc").output == "I am B\n")
    #expect(try vcsh("grid.vc", "--who", "me", "--l2s", "1").output == "me 1.0\n")
    #expect(try vcsh("grid.vc", "--help").output.contains("--l2s FLOAT,…  penalties (default: [0.001, 0.01])"))
    try write("script", "#!/usr/bin/env vcsh\nprint script\n")
    #expect(try vcsh("script").output == "script\n")
  }

  @Test("A word that is no recipe gets the option that takes it")
  func unknown() throws {
    try write("twin.ckpt", "x")
    for (word, hint) in [
      ("ls", "`vcsh -c 'ls'`"), (".", "`vcsh -w .`"), ("twin.ckpt", "`vcsh -c 'open twin.ckpt'`"),
      ("nowhere.vc", "check the path of the recipe"),
    ] {
      let result = try vcsh(word)
      #expect(result.status != 0)
      #expect(result.errors.contains(hint), "\(result.errors)")
    }
  }

  @Test(
    "A list is given with commas, in brackets, or piece by piece",
    arguments: [["--l2s", "1,2"], ["--l2s", "[1, 2]"], ["--l2s", "1", "--l2s", "2"], ["--l2s=1,2"]])
  func lists(given: [String]) throws {
    #expect(try Program.run(["grid.vc"] + given, folder: workspace).output == "you 1.0\nyou 2.0\n")
  }

  @Test("An element that does not fit a list's type is an error, in the recipe and from outside")
  func badElement() throws {
    #expect(
      try vcsh("grid.vc", "--l2s", "1,x").errors.contains("an element of --l2s must be a number, not the text 'x'"))
    try write("bad.vc", "param l2s: [float] = [a]\n")
    #expect(try vcsh("--check", "bad.vc").status == 2)
  }

  @Test("`run` runs a recipe with parameters, also in a loop; a wrong name is an error before anything runs")
  func run() throws {
    #expect(try vcsh("-c", "run grid.vc --l2s 0.1").output == "you 0.1\n")
    let loop = try vcsh("-c", "for w in [a, b] { run grid.vc --who $w --l2s [3] }")
    #expect(loop.output == "a 3.0\nb 3.0\n")
    for (text, words) in [
      ("print 1; run grid.vc --l2 1", "did you mean `--l2s`?"), ("print 1; run grid.vc --who", "--who needs a value"),
      ("print 1; run grid.vc l2s=1", "--NAME VALUE"), ("print 1; run nosuch.vc", "nosuch.vc"),
    ] {
      let result = try vcsh("-c", text)
      #expect(result.status != 0)
      #expect(result.output.isEmpty, "\(text)")
      #expect(result.errors.contains(words), "\(result.errors)")
    }
  }

  @Test("With --json an entry tells the parameters that it set, and the loop's values beside the results")
  func json() throws {
    let lines = try vcsh("--json", "grid.vc", "--l2s", "1,2").output.split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines[0].contains(#""parameters": {"l2s": [1.0, 2.0]}"#))
    #expect(lines[1].contains(#""parameters": {"who": "you"}"#))
    #expect(lines[2].contains(#""loop": [{"l2": 1.0}, {"l2": 2.0}], "result": ["you 1.0", "you 2.0"]"#))
    let run = try vcsh("--json", "-c", "run grid.vc --l2s 5").output
    #expect(run.contains(#""parameters": {"l2s": [5.0], "who": "you"}"#))
  }
}
