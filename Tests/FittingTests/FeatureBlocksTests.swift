import Fitting
import Testing

@Suite("Blocks of features") struct FeatureBlocksTests {
  private let data = SimulatedFeatures(rows: 5000)

  @Test("All rows come once and in order, whatever is kept in memory", arguments: [nil, 0, 100_000, 1 << 30])
  func all(memoryLimit: Int?) throws {
    let size = 3 * 6 * 7
    let inMemory = FeatureArray(data.features)
    var blocks = FeatureBlocks(
      memoryLimit == nil ? inMemory : Streamed(source: inMemory), rows: Array(0..<5000), memoryLimit: memoryLimit ?? 0)
    for _ in 0..<2 {
      var next = 0
      try blocks.visit { block in
        #expect(block.start == next)
        #expect(
          block.features[block.offset..<block.offset + block.count * size]
            == data.features.values[next * size..<(next + block.count) * size])
        next += block.count
      }
      #expect(next == 5000)
    }
  }

  @Test("Rows that do not follow each other are put together", arguments: [true, false]) func apart(isStored: Bool)
    throws
  {
    let size = 3 * 6 * 7
    let inMemory = FeatureArray(data.features)
    let rows = (0..<5000).filter { $0 % 3 != 1 }
    var blocks = FeatureBlocks(isStored ? inMemory : Streamed(source: inMemory), rows: rows, memoryLimit: 1 << 30)
    try blocks.visit { block in
      for place in 0..<block.count {
        let (own, there) = (block.offset + place * size, rows[block.start + place] * size)
        #expect(block.features[own..<own + size] == data.features.values[there..<there + size])
      }
    }
  }

  @Test("A part of the rows is spread over all of them") func part() throws {
    var blocks = FeatureBlocks(FeatureArray(data.features), rows: Array(0..<5000), memoryLimit: 1 << 30)
    var parts: [Range<Int>] = []
    try blocks.visit(2000) { parts.append($0.start..<$0.start + $0.count) }
    let rows = parts.reduce(0) { $0 + $1.count }
    #expect(rows >= 2000 && rows < 4000)
    #expect(parts.count > 1 && parts[0].lowerBound == 0 && (parts.last?.lowerBound ?? 0) >= 2000)
    #expect(zip(parts, parts.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound })
  }
}

/// Features that are read from somewhere each time.
private struct Streamed: FeatureSource {
  let source: FeatureArray
  var rowCount: Int { source.rowCount }
  var channels: Int { source.channels }
  var height: Int { source.height }
  var width: Int { source.width }
  func block(_ rows: Range<Int>) throws -> [Float] { try source.block(rows) }
}
