import Base
import Testing

@Suite("Lists of names")
struct ListedNamesTests {
  @Test(
    "Names beyond the first few are counted",
    arguments: [(0, ""), (1, "a"), (3, "a, b, c"), (4, "a, b, c and 1 more"), (5, "a, b, c and 2 more")])
  func rest(count: Int, text: String) {
    #expect(["a", "b", "c", "d", "e"].prefix(count).listed(first: 3) == text)
  }

  @Test("The separator stands between the names that are shown")
  func separator() {
    #expect(["a", "b", "c"].listed(first: 2, separator: " ") == "a b and 1 more")
  }
}
