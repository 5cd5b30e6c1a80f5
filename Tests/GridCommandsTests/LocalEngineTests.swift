import Base
import Foundation
import Testing

@Suite("Jobs on this machine")
struct LocalEngineTests {
  @Test("Each job ends with its own word: done, failed, killed, no result, cancelled")
  func ends() throws {
    let home = try Home()
    try home.run(
      "submit 'sh -c {what}' --over 'what=echo x > made,exit 3,kill -9 $$,true,sleep 300' --jobs 5 --result made as many"
    )
    func isSettled() throws -> Bool {
      let states = try home.strings("jobs many", "state")
      return states.last == "running" && !states.dropLast().contains { $0 == "running" || $0 == "waiting" }
    }
    // All five share one file as their result: the first makes it.
    for _ in 0..<400 where try !isSettled() { usleep(50_000) }
    #expect(try isSettled())
    try home.run("cancel many")
    try home.wait(for: "many")
    #expect(try home.strings("jobs many", "state") == ["done", "failed", "killed", "done", "cancelled"])
    #expect(try home.strings("jobs many", "detail")[1] == "status 3")
    try FileManager.default.removeItem(atPath: home.folder + "/made")
    #expect(try home.strings("jobs many", "state")[3] == "no result")
    #expect(home.failure("cancel many")?.kind == .conflict)
  }

  @Test("retry starts what has failed, and a job goes on by the line for restarts")
  func retries() throws {
    let home = try Home()
    try home.run("submit 'test {n} = 1' --over n=1,2 --on-restart 'echo again {n}' as some")
    try home.wait(for: "some")
    #expect(try home.strings("jobs some", "state") == ["done", "failed"])
    #expect(try home.strings("retry some --failed", "name") == ["j02_n-2"])
    try home.wait(for: "some")
    #expect(try home.strings("jobs some", "state") == ["done", "done"])
    #expect(try home.strings("logs some 2", "text") == ["again 2"])
    #expect(home.failure("retry some --failed")?.kind == .conflict)
  }

  @Test("Jobs that wait for others start after them, or are blocked")
  func dependencies() throws {
    let home = try Home()
    try home.run("submit 'sleep 0.3; test {n} = 1 -o -e mended && touch first-{n}' --over n=1,2 --jobs 2 as first")
    try home.run("submit 'ls first-{n}' --over n=1,2 --jobs 2 --after first as second")
    try home.wait(for: "second")
    #expect(try home.strings("jobs second", "state") == ["done", "blocked"])
    // It stays so until the job that it waits for is started again.
    let failure = home.failure("retry second --failed")
    #expect(failure?.kind == .conflict && failure?.hint == "`retry first --failed` first")
    try home.write("", to: "mended")
    try home.run("retry first --failed; retry second --failed")
    try home.wait(for: "second")
    #expect(try home.strings("jobs second", "state") == ["done", "done"])
  }

  @Test(
    "What can't be handed over leaves nothing behind",
    arguments: [
      "submit 'echo {x}' --over n=1", "submit 'echo' --mem 3G", "submit 'echo' --with nothing", "submit",
      "submit --file missing.vc", "submit 'a' 'b'", "submit 'echo {n}' --over n=1 --after nothing",
    ])
  func refusals(_ text: String) throws {
    let home = try Home()
    let failure = try #require(home.failure(text))
    #expect(failure.span != nil)
    #expect((try? FileManager.default.contentsOfDirectory(atPath: home.folder + "/ws/jobs")) ?? [] == [])
  }
}
