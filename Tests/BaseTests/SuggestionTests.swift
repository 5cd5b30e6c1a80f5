import Base
import Testing

@Suite("Suggestions")
struct SuggestionTests {
  @Test(
    "A name with a typing error finds the name that was meant",
    arguments: [
      ("evla", "eval"), ("calibarte", "calibrate"), ("neurn", "neuron"), ("gaborum", "gaborium"),
    ])
  func findsNearNames(word: String, meant: String) {
    let names = ["eval", "calibrate", "neuron", "gaborium", "backimage"]
    #expect(Suggestion.best(for: word, among: names) == meant)
  }

  @Test("A word that is near no name gets no suggestion")
  func leavesFarWordsAlone() {
    #expect(Suggestion.best(for: "xyzzy", among: ["eval", "calibrate"]) == nil)
    #expect(Suggestion.best(for: "q", among: [String]()) == nil)
    #expect(Suggestion.best(for: "fit", among: ["sim", "twin"]) == nil)
    #expect(Suggestion.best(for: "smi", among: ["sim", "twin"]) == "sim")
  }

  @Test("The beginning of a name counts as near, however long the rest")
  func beginningsAreNear() {
    #expect(Suggestion.best(for: "cal", among: ["eval", "calibrate"]) == "calibrate")
  }
}
