import Base
import Formats
import Foundation
import TestSupport
import Testing

@Suite("YAML")
struct YAMLDocumentTests {
  private func value(_ text: String) throws -> ConfigNode? {
    try YAMLDocument.parse(text: "x: \(text)", name: "t.yaml")["x"]
  }

  @Test(
    "Plain scalars are what PyYAML makes of them",
    arguments: [
      ("1.0e-07", ConfigNode.double(1e-7)), ("8.0e-05", .double(8e-5)), ("1.", .double(1)), (".5", .double(0.5)),
      ("-.inf", .double(-.infinity)), ("12", .int(12)), ("-3", .int(-3)), ("1_000", .int(1000)), ("0x1F", .int(31)),
      ("017", .int(15)), ("09", .string("09")), ("0o17", .string("0o17")), ("1:30", .int(90)), ("yes", .bool(true)),
      ("off", .bool(false)), ("True", .bool(true)), ("~", .null), ("null", .null), ("", .null), ("y", .string("y")),
      ("2025-01-10", .string("2025-01-10")), ("Sim_2025-01-10", .string("Sim_2025-01-10")), ("'12'", .string("12")),
      ("\"yes\"", .string("yes")), ("-", .list([.null])), ("1.2.3", .string("1.2.3")), ("e5", .string("e5")),
      ("!!str 12", .string("12")), ("+7", .int(7)), ("0b101", .int(5)), ("1e", .string("1e")),
    ])
  func scalars(_ text: String, _ expected: ConfigNode) throws {
    if text == "-" {
      #expect(try YAMLDocument.parse(text: "-", name: "t.yaml") == expected)
    } else {
      #expect(try value(text) == expected)
    }
  }

  @Test("An exponent without a point is a number, as its writer means it", arguments: ["1e-5", "1E-5", "+1e-05"])
  func exponent(_ text: String) throws { #expect(try value(text) == .double(1e-5)) }

  @Test("The project's own configurations read, and agree with the checkpoint's")
  func configuration() throws {
    for name in ["ser_legacy", "learned_dense_film_none_gaussian", "syn_pools_se_aablur_locatt"] {
      let yaml = try YAMLDocument.read(path: Fixtures.path("zoo/\(name)/config.yaml"))
      #expect(try Checkpoint(path: Fixtures.path("zoo/\(name)/model.ckpt")).configuration == yaml)
    }
  }

  @Test("Anchors, aliases and merges are followed")
  func merges() throws {
    let node = try YAMLDocument.parse(text: "base: &b {a: 1, b: 2}\nx:\n  <<: *b\n  b: 3\ny: *b\n", name: "t.yaml")
    #expect(node.at("x.a") == .int(1))
    #expect(node.at("x.b") == .int(3))
    #expect(node.at("y.b") == .int(2))
  }

  @Test("A key set twice is refused at its place")
  func duplicate() throws {
    let failure = #expect(throws: Failure.self) {
      try YAMLDocument.parse(text: "a: 1\nb:\n  c: 1\n  c: 2\n", name: "t.yaml")
    }
    #expect(failure?.message == "t.yaml:3:3: the key `c` is set twice")
  }

  @Test("A syntax error names line and column")
  func syntax() throws {
    let failure = #expect(throws: Failure.self) {
      try YAMLDocument.parse(text: "a: 1\nb: [1, 2\nc: 3\n", name: "t.yaml")
    }
    #expect(failure?.message.contains(/^t\.yaml:3:\d+:/) == true)
  }

  @Test("Aliases that multiply without end are refused")
  func laughs() throws {
    var text = "a0: &a0 [1, 1]\n"
    for level in 1..<40 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
    let failure = #expect(throws: Failure.self) { try YAMLDocument.parse(text: text, name: "t.yaml") }
    #expect(failure?.message.hasSuffix("more than 200000 values, each alias counted with its content") == true)
  }

  @Test("Aliases as keys are refused before their content is compared")
  func aliasKeys() throws {
    var text = "a0: &a0 [1, 1]\n"
    for level in 1..<40 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
    for end in [
      "? *a39\n: 1\n", "*a39 : 1\n", "x: {y, *a39}\n", "x: {*a39}\n", "x: {\n\n *a39, y}\n", "x: {'[': y, *a39}\n",
      "x: {[*a39]: 1}\n", "x:\n- ? {a: *a39}\n", "x: {*a39, *a39}\n",
    ] {
      let failure = #expect(throws: Failure.self) { try YAMLDocument.parse(text: text + end, name: "t.yaml") }
      #expect(
        failure?.message.hasSuffix("vcsh does not read aliases in a file whose keys are aliases, lists or maps") == true
          || failure?.message.hasSuffix("the key `*a39` is set twice") == true, "\(end): \(String(describing: failure))"
      )
      #expect(failure?.message.contains(/^t\.yaml:4[1-3]:\d+:\s/) == true, "\(end): \(String(describing: failure))")
    }
  }

  @Test("An alias beside keys on one line is no key")
  func aliasBesideKeys() throws {
    let node = try YAMLDocument.parse(text: "a: &a 1\nx: {b: *a,c: 2}\ny: [*a, {d: 3}]\n", name: "t.yaml")
    #expect(node.at("x.b") == .int(1) && node.at("x.c") == .int(2) && node.at("y.1.d") == .int(3))
    let quoted = try YAMLDocument.parse(text: "a: &a 1\n\"*\": {b: *a}\n'*c': \"*\"\n", name: "t.yaml")
    #expect(quoted.at("*.b") == .int(1) && quoted["*c"] == .string("*"))
  }

  @Test("Tags of Python objects make data only")
  func tags() throws {
    let node = try YAMLDocument.parse(
      text: "p: !!python/object/apply:pathlib.PosixPath [/, a, b]\nn: !!python/object:argparse.Namespace {lr: 1}\n",
      name: "t.yaml")
    #expect(node["p"] == .string("/a/b"))
    #expect(node.at("n.lr") == .int(1))
  }

  @Test("Prose is no configuration")
  func prose() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data("just a line of text\n".utf8).write(to: URL(filePath: folder + "/a.yaml"))
    let failure = #expect(throws: Failure.self) { try YAMLDocument.read(path: folder + "/a.yaml") }
    #expect(failure?.message.hasSuffix(": a YAML map or list is needed, not text") == true)
  }
}
