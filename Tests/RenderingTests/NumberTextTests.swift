import Rendering
import Testing

@Suite struct NumberTextTests {
  @Test(arguments: [
    (0.37123, "0.3712"), (12.4123, "12.41"), (5.1, "5.100"), (1234.56, "1235"), (0.012345, "0.01235"),
    (412.0, "412"), (-3.0, "-3"), (0.0, "0"), (-0.0, "0"), (1.5e-7, "1.500e-07"), (2.5e12, "2500000000000"),
    (2.5e17, "2.500e+17"), (.infinity, "inf"), (-.infinity, "-inf"),
  ])
  func fourDigitsOfANumber(_ value: Double, _ text: String) { #expect(NumberText.of(value) == text) }

  @Test func aColumnSharesItsDecimals() {
    let format = NumberText.Format(for: [12.4, 3.14159, 0])
    #expect(format.text(12.4) == "12.40")
    #expect(format.text(3.14159) == "3.14")
    #expect(format.text(0) == "0.00")
  }

  @Test func aSmallNumberInAColumnOfLargeOnesKeepsItsMagnitude() {
    let format = NumberText.Format(for: [1234.5, 0.5, 1e-7])
    #expect(format.text(0.5) == "0.5")
    #expect(format.text(1e-7) == "1.0e-07")
  }
}
