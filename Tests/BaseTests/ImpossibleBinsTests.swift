import Base
import Testing

@Suite("Counts and masks that can't be right")
struct ImpossibleBinsTests {
  private func cleaned(mask: [Float], isByteMask: Bool) -> (mask: [Float], counts: [Float], note: String?) {
    var (counts, mask) = ([Float](repeating: 1, count: mask.count), mask)
    var bins = ImpossibleBins(cells: 1, isByteMask: isByteMask)
    bins.add(counts: counts, mask: mask)
    bins.clean(counts: &counts, mask: &mask)
    return (mask, counts, bins.note(cids: [7]))
  }

  @Test("In a mask of bytes 255 stands for 1, with a note")
  func byteMask() {
    let bytes = cleaned(mask: [0, 255, 255, 1], isByteMask: true)
    #expect(bytes.mask == [0, 1, 1, 1])
    #expect(bytes.counts == [1, 1, 1, 1])
    #expect(bytes.note == "the mask holds 255 where a bin counts: taken as 1")
  }

  @Test("A mask above 1 is no weight: its bin is masked, and many of them damage the cell; fractions stay")
  func weights() {
    let ones = [Float](repeating: 1, count: 20)
    let one = cleaned(mask: ones + [2, 0.5], isByteMask: false)
    #expect(one.mask == ones + [0, 0.5])
    #expect(one.note?.contains("1 mask value can't be right") == true)
    let many = cleaned(mask: [0, 255, 255, 1], isByteMask: false)
    #expect(many.counts.dropFirst().allSatisfy { $0.isNaN })
    #expect(many.note?.contains("more than a tenth") == true && many.note?.contains("none of 3 bins is used") == true)
    let other = cleaned(mask: ones + [254], isByteMask: true)
    #expect(other.mask == ones + [0])
  }
}
