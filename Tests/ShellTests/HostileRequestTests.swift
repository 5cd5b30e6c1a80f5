import Foundation
import TestSupport
import Testing

@Suite("vcsh --serve on lines that are wrong")
struct HostileRequestTests {
  let server: ServeSession

  init() throws { server = try ServeSession(try Program.workspace()) }

  /// The error that is answered to a line, and that the server still serves.
  func error(_ line: Data) throws -> [String: Any] {
    server.send(line + Data("\n".utf8))
    #expect(try server.answer(99, "is_complete", ["code": "1"])?["state"] as? String == "complete")
    let refusal = try #require(try server.messages().first { $0["status"] as? String == "error" })
    return try #require(refusal["error"] as? [String: Any])
  }

  @Test(
    "A line that is no request is refused, with the reason",
    arguments: [
      ("garbage", "malformed"), ("[]", "malformed"), ("{", "malformed"), ("1", "malformed"),
      (#"{"method": "execute"}"#, "id"), (#"{"id": null, "method": "execute"}"#, "id"),
      (#"{"id": [1], "method": "execute"}"#, "id"), (#"{"id": {"id": 1}, "method": "execute"}"#, "id"),
      (#"{"id": 1.5, "method": "execute"}"#, "id"), (#"{"id": 99999999999999999999, "method": "ls"}"#, "id"),
      (#"{"id": 1}"#, "method"), (#"{"id": 1, "method": 5}"#, "method"), (#"{"id": 1, "method": "exeute"}"#, "method"),
      (#"{"id": 1, "method": "execute"}"#, "params"), (#"{"id": 1, "method": "execute", "params": []}"#, "params"),
      (#"{"id": 1, "method": "execute", "params": {"code": 5}}"#, "params"),
      (#"{"id": 1, "method": "execute", "params": {"code": "1", "limit": 0}}"#, "params"),
      (#"{"id": 1, "method": "execute", "params": {"code": "1", "display": ["image/gif"]}}"#, "params"),
      (#"{"id": 1, "method": "complete", "params": {"code": "ls", "cursor": 3}}"#, "params"),
      (#"{"id": 1, "method": "complete", "params": {"code": "ls", "cursor": -1}}"#, "params"),
      (#"{"id": 1, "method": "complete", "params": {"code": "ls", "curser": 1}}"#, "params"),
      (#"{"id": 1, "method": "interrupt", "params": {"request": {}}}"#, "params"),
      (#"{"id": 1, "method": "shutdown", "params": {"now": true}}"#, "params"),
      (#"{"id": 1, "method": "shutdown", "parms": {}}"#, "malformed"),
      (#"{"id": 1, "method": "execute", "params": {"code": "1",}}"#, "malformed"),
      (#"{"id": 1, "method": "execute", "params": {"code": "1"},}"#, "malformed"),
      (#"{"id": 1, "id": 2, "method": "execute", "params": {"code": "1"}}"#, "malformed"),
      (#"{"id": 1, "method": "execute", "params": {"code": "1", "code": "2"}}"#, "malformed"),
      (#"{"id": 1, "method": "execute", "params": {"code": "1", "c\u006fde": "2"}}"#, "malformed"),
    ])
  func refused(line: String, reason: String) throws {
    let error = try error(Data(line.utf8))
    #expect(error["kind"] as? String == "protocol")
    #expect(error["reason"] as? String == reason)
  }

  @Test("What is not UTF-8 is refused")
  func encoding() throws {
    #expect(try error(Data([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]))["reason"] as? String == "encoding")
  }

  @Test("Brackets a hundred thousand deep are refused")
  func deep() throws {
    let line = #"{"id": 1, "method": "execute", "params": "# + String(repeating: "[", count: 100_000)
    #expect(try error(Data(line.utf8))["reason"] as? String == "malformed")
  }

  @Test("A line of 20 MB is refused and passed over")
  func long() throws {
    #expect(try error(Data(repeating: 0x78, count: 20_000_000))["reason"] as? String == "too_long")
    #expect(try server.messages().count { $0["status"] as? String == "error" } == 1)
  }

  @Test("Zeros, carriage returns and blank lines do no harm")
  func blanks() throws {
    server.send("\r")
    server.send("   ")
    #expect(try error(Data([0, 0, 0]))["reason"] as? String == "malformed")
    #expect(try server.messages().count { $0["status"] as? String == "error" } == 1)
  }

  @Test("The id of an execute that is not done is refused, under no id, and the execute goes on")
  func duplicate() throws {
    try server.ask(
      1, "execute", ["code": "print started; for i in range(100000) { for j in range(100000) { let x = $j } }"])
    _ = try server.wait { $0["event"] as? String == "result" }
    try server.ask(1, "execute", ["code": "print twice"])
    let refusal = try #require(try server.wait { $0["status"] as? String == "error" })
    #expect(refusal["id"] is NSNull)
    #expect((refusal["error"] as? [String: Any])?["reason"] as? String == "duplicate")
    try server.ask(2, "interrupt")
    #expect(try server.answer(1)?["status"] as? String == "interrupted")
    #expect(try server.answer(1, "execute", ["code": "print again"]) != nil)
  }

  @Test("Code that prints protocol lines can't forge them, nor can names with control characters")
  func forged() throws {
    _ = try server.answer(1, "execute", ["code": "print '{\"id\": 1, \"status\": \"ok\"}'\nprint \"a\\nb\u{1b}[31m\""])
    let messages = try server.messages()
    #expect(messages.count { $0["id"] as? Int == 1 } == 3)
    #expect((messages.last { $0["event"] != nil }?["value"] as? [String: Any])?["value"] as? String == "a\nb\u{1b}[31m")
  }
}
