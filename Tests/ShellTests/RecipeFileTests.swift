import Foundation
import TestSupport
import Testing

@Suite("Recipes as files, pipes and standard input")
struct RecipeFileTests {
  let workspace: String

  init() throws { workspace = try Program.workspace() }

  func run(_ bytes: [UInt8], as name: String = "x.vc", _ arguments: String...) throws -> Program.Result {
    try Data(bytes).write(to: URL(filePath: workspace + "/" + name))
    return try Program.run(["-f", name] + arguments, folder: workspace)
  }

  func sh(_ line: String) throws -> Program.Result { try Program.shell(line, folder: workspace) }

  @Test("A notebook, JSON or a pointer of Git LFS in place of a recipe is called what it is")
  func foreign() throws {
    let files = [
      ("n.ipynb", #"{"cells": [], "nbformat": 4}"#, "a Jupyter notebook"), ("l.json", "[1, 2]\n", "a JSON file"),
      ("p.vc", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n", "a Git LFS pointer"),
    ]
    for (name, text, phrase) in files {
      try text.write(toFile: workspace + "/" + name, atomically: true, encoding: .utf8)
      for line in ["vcsh -f \(name)", "vcsh -c 'run \(name)'", "vcsh --check -f \(name)"] {
        let result = try sh(line)
        #expect(result.status != 0 && result.output.isEmpty, "\(line): \(result.output)")
        #expect(result.errors.contains("\(name) is \(phrase), not a file of commands"), "\(line): \(result.errors)")
      }
    }
  }

  @Test("Line ends of other systems and a byte order mark change nothing", arguments: ["\r\n", "\r", "\n"])
  func lineEnds(end: String) throws {
    let lines = ["vcsh 1", "param n: int = 3", "if $n == 3 {", "  print yes", "}", "show nosuch", ""]
    let text = lines.joined(separator: end)
    for bytes in [Array(text.utf8), [0xef, 0xbb, 0xbf] + Array(text.utf8)] {
      let result = try run(bytes)
      #expect(result.errors.contains("x.vc:6:6"), "\(result.errors)")
      let input = try sh("vcsh -f - < x.vc")
      #expect(input.errors.contains("<stdin>:6:6"), "\(input.errors)")
    }
  }

  @Test(
    "What is no UTF-8 text is told with its place, and nothing runs",
    arguments: [
      ("print 1\nprint \"caf\u{e9}\"", "2:11", "not UTF-8"), ("print 1\nprint a\u{0}b", "2:8", "NUL byte"),
    ])
  func noText(text: String, place: String, why: String) throws {
    let bytes = text.unicodeScalars.map { UInt8($0.value) }
    let file = try run(bytes)
    #expect(file.status == 2)
    #expect(file.output.isEmpty)
    #expect(file.errors.contains("x.vc:\(place)") && file.errors.contains(why))
    let input = try sh("vcsh -f - < x.vc")
    #expect(input.status == 2)
    #expect(input.errors.contains("<stdin>:\(place)") && input.errors.contains(why))
    let sourced = try Program.run(["-c", "source x.vc"], folder: workspace)
    #expect(sourced.status == 2)
    #expect(sourced.errors.contains(why))
  }

  @Test("An argument that is not UTF-8 is refused, not repaired")
  func arguments() throws {
    let result = try sh("vcsh -c \"$(printf 'print caf\\351')\"")
    #expect(result.status == 2)
    #expect(result.output.isEmpty)
    #expect(result.errors.contains("argument 2 of vcsh is not UTF-8 text"))
  }

  @Test("Blanks in the path, a pipe and a substituted process are read like any file")
  func places() throws {
    #expect(try run(Array("print a".utf8), as: "my recipe é.vc").output == "a\n")
    #expect(try sh("mkfifo pipe; (echo 'print b' > pipe &); vcsh -f pipe").output == "b\n")
    #expect(try sh("bash -c 'vcsh -f <(echo print c)'").output == "c\n")
    #expect(try sh("vcsh -f /dev/null").status == 0)
    #expect(try sh("vcsh < .").errors.contains("is a folder"))
  }

  @Test("A missing recipe, a folder and one without permission each say what they are")
  func refused() throws {
    let missing = try sh("vcsh -f nosuch.vc")
    #expect(missing.status == 1 && missing.errors.contains("can't read nosuch.vc"))
    let folder = try sh("vcsh -f objects")
    #expect(folder.status == 1 && folder.errors.contains("objects is a folder, not a recipe"))
    let endless = try sh("vcsh -f /dev/zero")
    #expect(endless.status == 1 && endless.errors.contains("/dev/zero is larger than 8 MB"))
  }

  @Test("A workspace that may not be looked into is not called missing", .enabled(if: ReadOnlyTests.canTry))
  func unreadable() throws {
    let files = FileManager.default
    try files.setAttributes([.posixPermissions: 0o700], ofItemAtPath: workspace)
    if getuid() != 0 { try files.setAttributes([.posixPermissions: 0o000], ofItemAtPath: workspace) }
    defer { try? files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: workspace) }
    let result = try ReadOnlyTests.run(["-w", workspace, "-c", "ls"])
    #expect(result.status == 1)
    #expect(result.errors.contains("no permission to look into \(workspace)"))
  }

  @Test("A line of any length runs, and its errors show what is around the place")
  func longLines() throws {
    let long = String(repeating: "x", count: 300_000)
    #expect(try run(Array("print \(long)".utf8)).output == long + "\n")
    let wrong = try run(Array("print \(long); prnt 1; print \(long)".utf8))
    #expect(wrong.status == 2)
    #expect(wrong.errors.contains("x.vc:1:300009"))
    #expect(wrong.errors.contains("...xxx") && wrong.errors.contains("; prnt 1; print xxx"))
    #expect(wrong.errors.utf8.count < 1000)
    let lines = wrong.errors.split(separator: "\n").map(Array.init)
    let place = try #require(lines[3].firstIndex(of: ";")) + 2
    #expect(lines[4].firstIndex(of: "^") == place)
  }
}
