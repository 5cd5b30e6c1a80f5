import Terminal
import Testing

@Suite("The prompt after a long command")
struct PromptStatusTests {
  @Test("It shows how long a command took from ten seconds on")
  func status() {
    #expect(InteractiveShell.status(afterSeconds: 9.9) == nil)
    #expect(InteractiveShell.status(afterSeconds: 10) == "(10 s) ")
    #expect(InteractiveShell.status(afterSeconds: 119) == "(119 s) ")
    #expect(InteractiveShell.status(afterSeconds: 150) == "(2 min 30 s) ")
  }
}
