/// Bins whose count can't be a count (negative, infinite or not a number), or whose mask can't be a mask (outside 0 to 1).
///
/// A mask is 0 or 1; fractions come from averages over frames. In a mask of bytes 255 stands for 1, as images have it.
///
/// Every reader judges counts and mask here, with one outcome: such a bin is masked. Where they are more than a tenth of a cell's
/// valid bins, the cell is not to be trusted: its counts become NaN in all of its valid bins, so that every number of it is
/// undefined with that reason (`Undefined.responseNotFinite`), whichever bins are read again later.
///
/// Shapes: counts and mask are `[time, cell]`, row by row.
public struct ImpossibleBins: Sendable, Equatable {
  /// What was found of one cell.
  public struct Tally: Sendable, Equatable {
    /// Bins that the mask calls valid, or whose mask is impossible.
    public fileprivate(set) var valid = 0
    /// Valid bins with an impossible count.
    public fileprivate(set) var counts = 0
    /// Bins with an impossible mask.
    public fileprivate(set) var masks = 0

    public var isDamaged: Bool { Double(counts + masks) > ImpossibleBins.tolerated * Double(valid) }
  }

  /// The share of a cell's valid bins up to which its other bins are used.
  public static let tolerated = 0.1

  /// One for each cell.
  public private(set) var tallies: [Tally]

  /// Whether the mask is stored as bytes.
  private let isByteMask: Bool
  /// Bins whose mask is such a 255.
  private var fullBytes = 0

  /// - Parameter isByteMask: the mask is stored as bytes, in which 255 stands for 1.
  public init(cells: Int, isByteMask: Bool = false) {
    tallies = [Tally](repeating: Tally(), count: cells)
    self.isByteMask = isByteMask
  }

  /// Whether counts and mask can be used as they are.
  public var isEmpty: Bool { fullBytes == 0 && !foundAny }
  private var foundAny: Bool { tallies.contains { $0.counts > 0 || $0.masks > 0 } }

  private static func isCount(_ value: Float) -> Bool { value >= 0 && value < .infinity }
  private func isMask(_ value: Float) -> Bool { value >= 0 && value <= 1 || isByteMask && value == 255 }

  /// Judges more rows of all cells.
  public mutating func add(counts: [Float], mask: [Float]) {
    precondition(counts.count == mask.count, "\(counts.count) counts with \(mask.count) mask values")
    let width = tallies.count
    guard width > 0 else { return }
    var valid = [Int](repeating: 0, count: width)
    var start = 0
    while start + width <= counts.count {
      let row = start..<start + width
      if Self.holdsImpossible(counts.span.extracting(row), mask.span.extracting(row), &valid) {
        for cell in 0..<width where mask[start + cell] != 0 {
          if isByteMask, mask[start + cell] == 255 { fullBytes += 1 }
          if !isMask(mask[start + cell]) {
            tallies[cell].masks += 1
          } else if !Self.isCount(counts[start + cell]) {
            tallies[cell].counts += 1
          }
        }
      }
      start += width
    }
    for cell in 0..<width { tallies[cell].valid += valid[cell] }
  }

  /// Counts the valid bins of one row, and says whether one of them is impossible. No branches, so that the compiler takes
  /// several cells at once.
  private static func holdsImpossible(_ counts: Span<Float>, _ mask: Span<Float>, _ valid: inout [Int]) -> Bool {
    var valid = valid.mutableSpan
    guard mask.count == counts.count, valid.count == counts.count else { return true }
    var impossible: Int32 = 0
    for cell in 0..<counts.count {
      let (count, weight) = (counts[cell], mask[cell])
      let isValid = weight != 0
      valid[cell] &+= isValid ? 1 : 0
      // A value that is not a number fails both comparisons.
      let isPossible = (count >= 0) && (count < .infinity) && (weight >= 0) && (weight <= 1)
      impossible |= isValid && !isPossible ? 1 : 0
    }
    return impossible != 0
  }

  /// Masks the impossible bins of some rows, and takes the counts of damaged cells away.
  public func clean(counts: inout [Float], mask: inout [Float]) {
    precondition(counts.count == mask.count, "\(counts.count) counts with \(mask.count) mask values")
    let width = tallies.count
    guard !isEmpty else { return }
    let damaged = tallies.map(\.isDamaged)
    for index in mask.indices where mask[index] != 0 {
      if isByteMask, mask[index] == 255 { mask[index] = 1 }
      if damaged[index % width] {
        if !isMask(mask[index]) { mask[index] = 1 }
        counts[index] = .nan
      } else if !isMask(mask[index]) || !Self.isCount(counts[index]) {
        mask[index] = 0
        counts[index] = 0
      }
    }
  }

  /// What a user should know; nil where nothing was found.
  ///
  /// - Parameter cids: the cells' ids.
  public func note(cids: [CellID]) -> String? {
    guard !isEmpty, cids.count == tallies.count else { return nil }
    let bytes = fullBytes > 0 ? "the mask holds 255 where a bin counts: taken as 1" : nil
    guard foundAny else { return bytes }
    func sum(_ part: (Tally) -> Int) -> Int { tallies.reduce(0) { $0 + part($1) } }
    var found: [String] = []
    let (counts, masks) = (sum(\.counts), sum(\.masks))
    if counts > 0 { found.append("\(counts) \(counts == 1 ? "count" : "counts")") }
    if masks > 0 { found.append("\(masks) mask \(masks == 1 ? "value" : "values")") }
    func names(_ isChosen: (Tally) -> Bool) -> String? {
      let chosen = zip(cids, tallies).filter { isChosen($0.1) }.map(\.0)
      guard !chosen.isEmpty else { return nil }
      return "\(chosen.count == 1 ? "cell" : "cells") \(chosen.idRanges)"
    }
    let places = names { $0.counts > 0 || $0.masks > 0 } ?? ""
    let lostBins = tallies.reduce(0) { $0 + ($1.isDamaged ? $1.valid : 0) }
    let lost = names(\.isDamaged).map {
      "; \($0): more than a tenth of the valid bins, so all numbers are undefined and none of \(lostBins) bins is used"
    }
    let reasons = "negative, infinite or not a number" + (masks > 0 ? ", or a mask above 1" : "")
    return
      "\(found.joined(separator: " and ")) can't be right (\(reasons)), in \(places): these bins are masked\(lost ?? "")\(bytes.map { "; \($0)" } ?? "")"
  }
}
