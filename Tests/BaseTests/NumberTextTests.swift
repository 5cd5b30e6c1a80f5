import Base
import Testing

@Suite struct NumberTextTests {
  @Test(
    "A number by itself has four significant digits",
    arguments: [
      (0.37123, "0.3712"), (12.4123, "12.41"), (5.1, "5.100"), (1234.56, "1235"), (0.012345, "0.01235"),
      (412.0, "412"), (-3.0, "-3"), (0.0, "0"), (-0.0, "0"), (1.5e-7, "1.500e-07"), (2.5e12, "2500000000000"),
      (2.5e17, "2.500e+17"), (.infinity, "inf"), (-.infinity, "-inf"), (.nan, "nan"),
    ])
  func reading(_ value: Double, _ text: String) { #expect(NumberText.of(value) == text) }

  @Test("The numbers of a column have the same decimals")
  func column() {
    let format = NumberText.Format(for: [12.4, 3.14159, 0])
    #expect(format.text(12.4) == "12.40")
    #expect(format.text(3.14159) == "3.14")
    #expect(format.text(0) == "0.00")
  }

  @Test("A small number in a column of large ones keeps its magnitude")
  func smallBesideLarge() {
    let format = NumberText.Format(for: [1234.5, 0.5, 1e-7])
    #expect(format.text(0.5) == "0.5")
    #expect(format.text(1e-7) == "1.0e-07")
  }

  @Test(
    "The exact text reads back as the same number",
    arguments: [0.1, 1 / 3.0, .leastNonzeroMagnitude, 1.7976931348623157e308, -2])
  func exact(_ value: Double) { #expect(Double(NumberText.exact(value)) == value) }

  @Test("Every style writes what the table of its documentation shows")
  func styles() {
    let (small, large) = (0.0123456, 1234.56)
    #expect([small, large].map(NumberText.of) == ["0.01235", "1235"])
    #expect([small, large].map(NumberText.exact) == ["0.0123456", "1234.56"])
    #expect([small, large].map { NumberText.significant($0, digits: 3) } == ["0.0123", "1.23e+03"])
    #expect([small, large].map(NumberText.sentence) == ["0.0123", "1235"])
    #expect([small, large].map { NumberText.fixed($0, decimals: 2) } == ["0.01", "1234.56"])
    #expect([-0.0001, -0.0006].map { NumberText.fixed($0, decimals: 3) } == ["0.000", "-0.001"])
    #expect([small, large].map { NumberText.rounded($0, decimals: 3) } == ["0.012", "1234.56"])
    #expect([small, large].map { NumberText.threeDigits($0) } == ["0.01", "1235"])
    #expect([small, large].map(NumberText.percent) == ["1.2 %", "123456 %"])
    #expect([small, large].map(NumberText.coordinate) == ["0.01", "1234.56"])
  }

  @Test(
    "Three digits stay three where rounding makes a number longer",
    arguments: [
      (9.996, "10.0"), (99.96, "100"), (1.005e3, "1005"), (0.5, "0.50"), (0, "0"), (0.05, "0.050"), (-12.34, "-12.3"),
    ])
  func threeDigits(_ value: Double, _ text: String) { #expect(NumberText.threeDigits(value, mostDecimals: 3) == text) }

  @Test(
    "Percentages are whole from 10 on",
    arguments: [(0.123, "12 %"), (0.0996, "10 %"), (0.0994, "9.9 %"), (1, "100 %"), (0, "0 %"), (0.00012, "0.012 %")])
  func percentages(_ share: Double, _ text: String) { #expect(NumberText.percent(share) == text) }

  @Test(
    "Amounts of storage are written in the decimal unit that fits",
    arguments: [
      (0, "0 B"), (999, "999 B"), (1000, "1.00 kB"), (999_499, "999 kB"), (999_500, "1.00 MB"), (12_345_678, "12.3 MB"),
      (5_000_000_000_000_000, "5000 TB"),
    ])
  func bytes(_ count: Int, _ text: String) { #expect(NumberText.bytes(count) == text) }

  @Test(
    "Durations are written in the unit that fits",
    arguments: [
      (0.0123, "12 ms"), (0.0996, "0.10 s"), (3.21, "3.21 s"), (59.9, "59.9 s"), (125.2, "2 min 5 s"),
      (3780, "1 h 3 min"), (.nan, "-"), (-1, "-"),
    ])
  func durations(_ seconds: Double, _ text: String) { #expect(NumberText.duration(seconds: seconds) == text) }

  @Test(
    "Coordinates are hundredths, and stay near the drawing",
    arguments: [(1.5, "1.5"), (-0.004, "0"), (-0.25, "-0.25"), (3.07, "3.07"), (1e9, "1000000"), (.nan, "0")])
  func coordinates(_ value: Double, _ text: String) { #expect(NumberText.coordinate(value) == text) }
}
