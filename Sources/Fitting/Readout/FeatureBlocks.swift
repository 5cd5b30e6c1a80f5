import Base

/// Chosen rows of a feature source in blocks of bounded size, kept in memory as far as they fit.
package struct FeatureBlocks {
  package struct Block: Sendable {
    /// Position of the block's first row among the chosen rows.
    package var start: Int
    package var count: Int
    /// `[row, channel, height, width]` from `offset`.
    package var features: [Float]
    /// Where the first row begins: features that are in memory are not copied.
    package var offset = 0
  }

  /// Bytes of one block: what a core's caches can hold, or nearly.
  private static let blockBytes = 6 << 20
  /// Long blocks cost memory for intermediate results and buy nothing.
  private static let rowLimit = 1024

  private let source: any FeatureSource
  private let rows: [Int]
  private let rowsPerBlock: Int
  /// By block.
  private var kept: [Block?]
  private var unkept: Int

  /// - Parameters:
  ///   - rows: rows of `source`, in the order in which they come.
  ///   - memoryLimit: bytes up to which they are kept after the first pass.
  package init(_ source: any FeatureSource, rows: [Int], memoryLimit: Int) {
    self.source = source
    self.rows = rows
    let rowBytes = max(1, source.channels * source.height * source.width * MemoryLayout<Float>.size)
    rowsPerBlock = max(8, min(Self.rowLimit, Self.blockBytes / rowBytes))
    kept = [Block?](repeating: nil, count: (rows.count + rowsPerBlock - 1) / rowsPerBlock)
    unkept = memoryLimit / rowBytes
  }

  /// Hands the blocks to `body` in order, up to `count` runs of them at once; a run has up to `rows` rows, or one block.
  ///
  /// - Parameter enough: rows that are enough, as `visit` takes them; all where nil.
  package mutating func visit(
    together count: Int, rows: Int, of enough: Int? = nil, _ body: ([[Block]]) throws -> Void
  ) throws {
    var runs: [[Block]] = []
    try visit(enough) { block in
      if let last = runs.indices.last, runs[last].reduce(block.count, { $0 + $1.count }) <= rows {
        runs[last].append(block)
      } else {
        if runs.count == count {
          try body(runs)
          runs = []
        }
        runs.append([block])
      }
    }
    if !runs.isEmpty { try body(runs) }
  }

  /// Hands blocks to `body` in order: all of them, or as few as have `enough` rows, spread over all.
  package mutating func visit(_ enough: Int? = nil, _ body: (Block) throws -> Void) throws {
    let wanted = min(kept.count, ((enough ?? rows.count) + rowsPerBlock - 1) / rowsPerBlock)
    for place in 0..<wanted { try body(block(place * kept.count / wanted)) }
  }

  private mutating func block(_ index: Int) throws -> Block {
    if let block = kept[index] { return block }
    let start = index * rowsPerBlock
    let end = min(rows.count, start + rowsPerBlock)
    if let stored = source.stored, (start + 1..<end).allSatisfy({ rows[$0] == rows[$0 - 1] + 1 }) {
      let rowSize = source.channels * source.height * source.width
      return Block(start: start, count: end - start, features: stored, offset: rows[start] * rowSize)
    }
    let block = Block(start: start, count: end - start, features: try read(start..<end))
    if block.count <= unkept {
      kept[index] = block
      unkept -= block.count
    }
    return block
  }

  /// Reads the rows at `positions`, one call for each run of consecutive rows.
  private func read(_ positions: Range<Int>) throws -> [Float] {
    let rowSize = source.channels * source.height * source.width
    var features: [Float] = []
    var start = positions.lowerBound
    while start < positions.upperBound {
      var end = start + 1
      while end < positions.upperBound, rows[end] == rows[end - 1] + 1 { end += 1 }
      let run = rows[start]..<rows[end - 1] + 1
      let values = try source.block(run)
      guard values.count == run.count * rowSize else {
        throw Failure(
          .mismatch,
          "features of rows \(run.lowerBound)..<\(run.upperBound): \(values.count) values for \(run.count * rowSize)")
      }
      if start == positions.lowerBound, end == positions.upperBound { return values }
      features.append(contentsOf: values)
      start = end
    }
    return features
  }
}
