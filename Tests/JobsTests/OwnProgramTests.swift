import Jobs
import Testing

@Suite("The file of this program")
struct OwnProgramTests {
  @Test(
    "It is the running file whatever it is called, and the vcsh beside a test",
    arguments: [
      ("/opt/vcsh", "/opt/vcsh"), ("/opt/vcsh-0.9", "/opt/vcsh-0.9"), ("/opt/vcsh (deleted)", "/opt/vcsh"),
      ("/b/vcshPackageTests.xctest", "/b/vcsh"), ("/b/vcsh-bench", "/b/vcsh"), ("/nowhere/tests.xctest", "vcsh"),
    ])
  func path(running own: String, expected: String) {
    let there: Set = ["/opt/vcsh", "/opt/vcsh-0.9", "/b/vcsh", "/b/vcsh-bench", "/b/vcshPackageTests.xctest"]
    #expect(OwnProgram.path(running: own, isThere: there.contains) == expected)
  }
}
