import Foundation
import TestSupport
import Testing

@Suite("Variables and definitions that live in the workspace")
struct KeptNamesTests {
  let workspace: String

  init() throws { workspace = try Program.workspace() }

  func vcsh(_ arguments: String..., input: String = "") throws -> Program.Result {
    try Program.run(["-w", workspace] + arguments, input: input)
  }

  @Test("A variable and a definition are there in the next shell, and a later value replaces an earlier one")
  func tomorrow() throws {
    #expect(try vcsh("-c", "let n = 3; let fit = [{cid: 1, r: 0.5}, {cid: 2, r: 0.25}]").status == 0)
    #expect(try vcsh("-c", "def top(k: int = 1) { $fit | sort r --reverse | head $k }").status == 0)
    #expect(try vcsh("-c", "let n = $n + 1").status == 0)
    #expect(try vcsh("-c", "print $n").output == "4\n")
    #expect(try vcsh("--csv", "-c", "top --k 2").output == "cid,r\n1,0.5\n2,0.25\n")
    #expect(try vcsh("--csv", "-c", "ls variable | select name kind").output == "name,kind\nfit,variable\nn,variable\n")
    #expect(try vcsh("--csv", "-c", "ls definition | select name").output == "name\ntop\n")
    #expect(try vcsh("-c", "ls").output.contains("$fit $n top()"))
    #expect(try vcsh("--check", "-c", "print $nosuch").status == 2)
  }

  @Test("A kept variable may have letters beyond ASCII")
  func letters() throws {
    #expect(try vcsh("-c", "let größe = [{a: 1}, {a: 2}]").status == 0)
    #expect(try vcsh("--csv", "-c", "$größe | where a > 1").output == "a\n2\n")
  }

  @Test("A value that needs a file of its own survives `clean`")
  func large() throws {
    #expect(try vcsh("-c", "let many = range(20000)").status == 0)
    #expect(try vcsh("-c", "clean --caches --dropped").status == 0)
    #expect(try vcsh("-c", "print ${sum($many)}").output == "199990000\n")
  }

  @Test("Recipes neither see kept names nor leave any")
  func recipes() throws {
    _ = try vcsh("-c", "let n = 3")
    try "print $n\n".write(toFile: workspace + "/reads.vc", atomically: true, encoding: .utf8)
    try "let own = 1\nprint $own\n".write(toFile: workspace + "/makes.vc", atomically: true, encoding: .utf8)
    let reads = try vcsh(workspace + "/reads.vc")
    #expect(reads.status == 2)
    #expect(reads.errors.contains("there is no variable `$n`"))
    #expect(try vcsh(workspace + "/makes.vc").output == "1\n")
    #expect(try vcsh("-c", "print $own").status == 2)
  }

  @Test("`drop` takes variables and definitions away, and objects first")
  func drop() throws {
    _ = try vcsh("-c", "let t = [{a: 1}]; let n = 3; def f(x) { $x }")
    #expect(try vcsh("-c", "drop $t; drop n; drop f").status == 0)
    #expect(try vcsh("--csv", "-c", "ls variable | count").output == "value\n0\n")
    #expect(try vcsh("-c", "f 1").status == 2)
    #expect(try vcsh("-c", "drop n").errors.contains("no object named `n`"))
  }

  @Test("Shells that set variables at the same time lose none")
  func together() async throws {
    let workspace = workspace
    await withTaskGroup(of: Int32.self) { group in
      for index in 0..<6 {
        group.addTask {
          (try? Program.run(["-w", workspace, "-c", "let v\(index) = \(index); let common = \(index)"]))?.status ?? -1
        }
      }
      for await status in group { #expect(status == 0) }
    }
    let found = try vcsh("-c", "print ${$v0 + $v1 + $v2 + $v3 + $v4 + $v5}; print ${$common >= 0}")
    #expect(found.output == "15\ntrue\n")
  }

  @Test("An entry that uses a kept variable knows the entry that made it")
  func lineage() throws {
    _ = try vcsh("-c", "let n = 3")
    _ = try vcsh("-c", "print $n")
    let script = try vcsh("-c", "script 2")
    #expect(script.output.contains("let n = 3") && script.output.contains("print $n"), "\(script)")
  }
}
