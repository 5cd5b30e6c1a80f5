import Base
import Language
import Testing

@Suite struct SignatureTests {
  let signature = Signature("calibrate", in: "fitting", "Gain and offset")
    .argument("twin", .object(kinds: ["twin", "predictions"]), "A twin")
    .argument("on", .stimulus, "A stimulus", keyword: "on", optional: true)
    .argument("cells", .cell, "Cells", optional: true, repeating: true)
    .flag("mode", .choice(["affine", "gain"]), default: .string("affine"), "What may change")
    .flag("l2", .float, "Penalty")
    .flag("in-sample", "All of it")

  @Test("The usage is one line")
  func usageIsOneLine() {
    #expect(
      signature.usage
        == "calibrate TWIN|PREDICTIONS [on REC/STIM] [CELLS…] [--mode affine|gain] [--l2 FLOAT] [--in-sample]")
  }

  @Test("Builders do not change the original signature")
  func buildersLeaveTheOriginalAlone() {
    _ = signature.flag("more", "More")
    #expect(signature.flags.map(\.name) == ["mode", "l2", "in-sample"])
  }

  @Test("Calls have defaults and typed access to arguments")
  func callsHaveDefaultsAndTypedAccess() throws {
    let call = Call(signature, ["twin": .string("t"), "cells": .list([.int(3), .int(5)]), "in-sample": .bool(true)])
    #expect(try call.string("mode") == "affine")
    #expect(try call.optionalFloat("l2") == nil)
    #expect(call.value("cells") == .list([.int(3), .int(5)]))
    #expect(call.isSet("in-sample"))
  }

  @Test("An argument that is missing or of another type is a failure that names it")
  func refusals() {
    let call = Call(signature, ["twin": .string("t")])
    let missing = #expect(throws: Failure.self) { try call.string("on") }
    #expect(missing?.message == "calibrate needs on REC/STIM")
    let table = #expect(throws: Failure.self) { try call.table() }
    #expect(table?.message == "calibrate needs a table from the pipe")
    let twin = #expect(throws: Failure.self) { try call.int("twin") }
    #expect(twin?.message == "twin of calibrate must be a whole number, not the text 't'")
  }

  @Test("The usage of a command with many flags is shortened in an error, and help is named")
  func usageHintIsShort() {
    let short = Signature("fit", in: "x", "x").argument("twin", .object(kinds: ["twin"]), "x").flag("l2", .float, "x")
    #expect(short.usageHint() == "usage: fit TWIN [--l2 FLOAT]")
    let long = (0..<20).reduce(short) { $0.flag("option-\($1)", .int, "x") }
    #expect(long.usageHint(afterPipe: true) == "usage: … | fit TWIN [--FLAG …]; `help fit` lists its flags")
  }

  @Test("A flag may have a second, short word")
  func shortWord() throws {
    let signature = Signature("send", in: "x", "x").argument("what", .string, "x", optional: true)
      .flag("file", .path, "x").short("-f", for: "file")
    let table = SignatureTable([signature])
    func problems(_ text: String) throws -> [String] {
      let program = try Parser.parse(SourceText(text, name: "<test>"), signatures: table)
      return Checker(signatures: table).check(program).map(\.message)
    }
    #expect(try problems("send -f eval.vc") == [])
    #expect(try problems("send -f eval.vc --file other.vc") != [])
    #expect(try problems("send one -g eval.vc") != [])
  }

  @Test("A signature table suggests the nearest command")
  func tablesSuggestTheNearestCommand() {
    let table = SignatureTable([signature, Signature("eval", in: "x", "x")])
    #expect(table.suggestion(for: "calibrat") == "calibrate")
    #expect(table["eval"]?.summary == "x")
    #expect(table.suggestion(for: "zzzzz") == nil)
  }
}
