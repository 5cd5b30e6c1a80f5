import Base
import Testing

@Suite struct KindPhraseTests {
  @Test(
    "A kind has the article of its word; kinds that are a plural have none",
    arguments: [
      ("twin", "a twin"), ("predictions", "predictions"), ("runs", "a set of runs"), ("overlay", "an overlay"),
    ])
  func articles(kind: String, phrase: String) { #expect(KindPhrase.one(kind) == phrase) }

  @Test("A mismatch names what the object is and every kind that would do")
  func mismatch() {
    #expect(
      KindPhrase.mismatch("x", is: "predictions", not: ["runs", "twin"])
        == "`x` is predictions, not a set of runs or a twin")
  }
}
