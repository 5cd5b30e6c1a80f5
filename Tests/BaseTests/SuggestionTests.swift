import Base
import Testing

@Suite("Suggestions")
struct SuggestionTests {
  @Test(
    "A slip of the finger finds the name that was meant",
    arguments: [
      ("evla", "eval"), ("calibarte", "calibrate"), ("neurn", "neuron"), ("gaborum", "gaborium"),
    ])
  func findsNearNames(word: String, meant: String) {
    let names = ["eval", "calibrate", "neuron", "gaborium", "backimage"]
    #expect(Suggestion.best(for: word, among: names) == meant)
  }

  @Test("A word that is near nothing gets no suggestion")
  func leavesFarWordsAlone() {
    #expect(Suggestion.best(for: "xyzzy", among: ["eval", "calibrate"]) == nil)
    #expect(Suggestion.best(for: "q", among: [String]()) == nil)
  }

  @Test("A beginning counts as near, whatever is left")
  func beginningsAreNear() {
    #expect(Suggestion.best(for: "cal", among: ["eval", "calibrate"]) == "calibrate")
  }
}
