import Base
import Testing

@Suite("Counts in words")
struct CountTextTests {
  @Test("One is singular, all other numbers are plural")
  func plural() {
    #expect([0, 1, 2].map { $0.counted("row") } == ["0 rows", "1 row", "2 rows"])
    #expect(
      [1, 2].map { $0.counted("set of predictions", "sets of predictions") } == [
        "1 set of predictions", "2 sets of predictions",
      ])
  }
}
