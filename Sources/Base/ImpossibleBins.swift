/// Bins whose count can't be a count, or whose mask can't be a mask: negative, infinite or not a number.
///
/// Every reader judges counts and mask here, with one outcome: such a bin is masked. Where they are more than a tenth of a cell's
/// valid bins, the cell is not to be trusted: its counts become NaN in all of its valid bins, so that every number of it is
/// undefined with the reason that the response is not finite, whichever bins are read again later.
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

  public init(cells: Int) { tallies = [Tally](repeating: Tally(), count: cells) }

  public var isEmpty: Bool { tallies.allSatisfy { $0.counts == 0 && $0.masks == 0 } }

  private static func isPossible(_ value: Float) -> Bool { value >= 0 && value < .infinity }

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
          if !Self.isPossible(mask[start + cell]) {
            tallies[cell].masks += 1
          } else if !Self.isPossible(counts[start + cell]) {
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
      let isPossible = (count >= 0) && (count < .infinity) && (weight >= 0) && (weight < .infinity)
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
      if damaged[index % width] {
        if !Self.isPossible(mask[index]) { mask[index] = 1 }
        counts[index] = .nan
      } else if !Self.isPossible(mask[index]) || !Self.isPossible(counts[index]) {
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
    let lost = names(\.isDamaged).map {
      "; \($0): more than a tenth of the valid bins, so all numbers are undefined"
    }
    return
      "\(found.joined(separator: " and ")) can't be right (negative, infinite or not a number), in \(places): these bins are masked\(lost ?? "")"
  }
}
