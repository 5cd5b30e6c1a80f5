import Base
import Language
import Testing

/// Names of objects in the workspace, followed before anything runs.
@Suite struct ObjectNameTests {
  let run = Run()
  let known = [
    NamedObject("twin", kind: "twin"), NamedObject("sim", kind: "recording", parts: ["gaborium", "fixrsvp"]),
  ]

  private func messages(_ text: String) throws -> [String] {
    Checker(signatures: run.host.signatures).check(try run.parse(text), in: Surroundings(objects: known)).map(\.message)
  }

  @Test(
    "Names that exist, or that commands make, are known",
    arguments: [
      "eval twin on sim/gaborium", "open a.ckpt as t2; eval t2 on sim/gaborium", "open a; eval anything on thing/x",
      "open x as rec; eval twin on rec/whatever",
      "eval $name on $rec/x".replacing("$name", with: "twin").replacing("$rec", with: "sim").replacing(
        "/x", with: "/fixrsvp"),
      "for n in [a, b] { open x as $n; eval a on sim/gaborium }",
      "for n in [1, 2] { eval late on sim/gaborium; open x as late }",
      "if 1 > 2 { open x as a } else { open y as b }; eval a on sim/gaborium; eval b on sim/gaborium",
      "def f() { eval later on sim/gaborium }; open x as later; f",
      "def make(path) { open $path as made }; make x; eval made on sim/gaborium",
      "def make(name) { open x as $name }; make made; eval made on sim/gaborium",
      "cells | renamed cid to c",
    ])
  func namesThatAreThereOrMadeAreKnown(_ text: String) throws {
    #expect(try messages(text) == [])
  }

  @Test(
    "Unknown names are found",
    arguments: [
      ("eval twn on sim/gaborium", ["no twin named `twn`"]),
      ("eval sim on sim/gaborium", ["`sim` is a recording, not a twin"]),
      ("eval twin on sin/gaborium", ["no recording named `sin`"]),
      ("eval twin on sim/gaborum", ["`sim` has no stimulus `gaborum`"]),
      ("eval t2 on sim/gaborium; open x as t2", ["no twin named `t2`"]),
      ("drop twin; eval twin on sim/gaborium", ["no twin named `twin`"]),
      ("move twin other; eval twin on sim/gaborium; eval other on sim/gaborium", ["no twin named `twin`"]),
      ("if 1 > 2 { drop twin }; eval twin on sim/gaborium; eval no on sim/fixrsvp", ["no twin named `no`"]),
    ])
  func othersAreFound(_ text: String, _ expected: [String]) throws {
    #expect(try messages(text) == expected)
  }

  @Test("The nearest name of the right kind is suggested")
  func theNearestNameOfTheKindIsSuggested() throws {
    let failures = Checker(signatures: run.host.signatures)
      .check(try run.parse("eval twni on sim/gaborium; eval twin on sim/fixrvsp"), in: Surroundings(objects: known))
    #expect(failures.map(\.hint) == ["did you mean `twin`?", "did you mean `sim/fixrsvp`?"])
    #expect(failures.map { $0.span?.column } == [6, 41])
    #expect(failures.allSatisfy { $0.exitStatus == 2 })
  }

  @Test("The name of an object in the place of a command is told as what it is")
  func objectAsCommand() throws {
    let failures = Checker(signatures: run.host.signatures)
      .check(try run.parse("twin"), in: Surroundings(objects: known))
    #expect(failures.map(\.message) == ["there is no command `twin`"])
    #expect(failures.map(\.hint) == ["it is the name of a twin: `show twin` shows it"])
  }

  @Test("Without a catalogue no names are checked")
  func withoutACatalogueNothingIsLookedUp() throws {
    #expect(try run.check("eval whatever on it/is").isEmpty)
  }
}
