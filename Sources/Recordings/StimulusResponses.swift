import Base

/// Counts and mask as they are used: judged once over the whole recording (`ImpossibleBins`).
extension Stimulus {
  /// The bins of the recording whose count or mask is impossible. They are looked for once, a stretch at a time.
  ///
  /// - Throws: what reading counts and mask throws; `Failure.interrupted`.
  public func impossibleBins() throws -> ImpossibleBins {
    try processed.impossibleBins {
      let filters = try maskFilters()
      var found = ImpossibleBins(cells: cellCount, isByteMask: source.info("dfs")?.scalar == .uint8)
      for start in stride(from: 0, to: frameCount, by: Self.spanFrames) {
        try Cancellation.current?.check()
        let rows = start..<min(start + Self.spanFrames, frameCount)
        found.add(
          counts: try storedCounts(rows: rows).values, mask: try storedMask(rows: rows, filters: filters).values)
      }
      return found
    }
  }

  /// Counts and mask of some rows, without impossible bins.
  ///
  /// - Shapes: `[time, cell]` each
  func responses(rows: Range<Int>, filters: [(name: String, mask: Tensor)]) throws -> (counts: Tensor, mask: Tensor) {
    let impossible = try impossibleBins()
    var counts = try storedCounts(rows: rows)
    var mask = try storedMask(rows: rows, filters: filters)
    impossible.clean(counts: &counts.values, mask: &mask.values)
    return (counts, mask)
  }

  /// The mask of some rows, without impossible bins.
  func mask(rows: Range<Int>, filters: [(name: String, mask: Tensor)]) throws -> Tensor {
    let isClean = try impossibleBins().isEmpty
    return isClean ? try storedMask(rows: rows, filters: filters) : try responses(rows: rows, filters: filters).mask
  }

  /// The counts as the file has them.
  private func storedCounts(rows: Range<Int>) throws -> Tensor {
    try selectingCells(source.tensor("robs", rows: rows), name: "robs", rows: rows)
  }

  /// The file's mask times the filters'.
  private func storedMask(rows: Range<Int>, filters: [(name: String, mask: Tensor)]) throws -> Tensor {
    let stored =
      source.info("dfs") == nil ? nil : try selectingCells(source.tensor("dfs", rows: rows), name: "dfs", rows: rows)
    var mask = stored?.values ?? [Float](repeating: 1, count: rows.count * cellCount)
    for filter in filters {
      guard filter.mask.shape.first == frameCount else {
        throw Failure(.mismatch, "\(label): `\(filter.name)` has shape \(filter.mask.shape) for \(frameCount) frames")
      }
      let values = try selectingCells(filter.mask[rows: rows], name: filter.name, rows: rows).values
      for index in mask.indices { mask[index] *= values[index] }
    }
    return Tensor(shape: [rows.count, cellCount], values: mask)
  }
}
