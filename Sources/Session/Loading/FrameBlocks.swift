import Base
import Formats
import Foundation
import Workspace

/// What a twin answers frame by frame, kept in blocks as they are done.
///
/// The recording's frames lie on a fixed grid of blocks. A block holds those of its frames that were asked for so far,
/// whatever the split; it is in the workspace as soon as it is done. So a split is a choice of rows, work that was cut
/// short goes on where it ended, and an answer that is kept needs no look at the stimulus.
package struct FrameBlocks {
  /// Frames of the grid: a few seconds of a large twin.
  static let blockFrames = 256
  /// Frames of the grid that are computed together, all valid ones whichever were asked for: so a row has the same
  /// bits whatever was asked before.
  static let cellFrames = 16
  /// Cells that are handed over at once: enough for all cores.
  private static let batchCells = max(4, 2 * ProcessInfo.processInfo.activeProcessorCount)

  package let session: Session
  package let kind: CachedKind
  /// Digest of all that a row depends on besides its frame.
  package let answer: String
  package let twin: String
  package let stimulus: String

  /// All of `frames`, of which only those are computed that are not kept.
  ///
  /// - Parameters:
  ///   - valid: every frame that any split could ask for, ascending.
  ///   - rowShape: three axes of a row; nil where the first row that is made tells.
  ///   - compute: rows for some frames, ascending, worked on in the given groups: `[frame, …]` with three axes more.
  /// - Throws: `Failure.interrupted` with what is kept; what `compute` throws.
  package func complete(
    _ frames: [Int], among valid: [Int], rowShape: [Int]? = nil,
    compute: (_ frames: [Int], _ groups: [Range<Int>]) throws -> Tensor
  ) throws -> KeptRows {
    let cells = Set(frames.map { $0 / Self.cellFrames })
    let whole = valid.filter { cells.contains($0 / Self.cellFrames) }
    let wanted = Dictionary(grouping: Set(frames).union(whole).sorted()) { $0 / Self.blockFrames }
    var kept = try wholeBlocks(wanted.keys, rowShape: rowShape)
    var missing: [(block: Int, frames: [Int])] = []
    for block in wanted.keys.sorted() {
      let there = Set(kept[block]?.frames ?? [])
      let lacking = wanted[block]?.filter { !there.contains($0) } ?? []
      if !lacking.isEmpty { missing.append((block, lacking)) }
    }
    session.changes.used.append(answer)
    let total = wanted.values.reduce(0) { $0 + $1.count }
    var done = total - missing.reduce(0) { $0 + $1.frames.count }
    if done > 0, done < total { session.note("\(done) of \(total) frames of \(twin) on \(stimulus) from the cache") }
    if !missing.isEmpty {
      let progress = session.work.progress
      progress?.begin("\(kind.title) \(stimulus)", total: total, unit: "frames", done: done)
      defer { progress?.end() }
      do {
        for (block, frames) in missing {
          let rows = try computed(frames, after: done, compute)
          kept[block] = try keep(rows, of: frames, beside: kept[block], block: block)
          done += frames.count
        }
      } catch let failure as Failure where failure.kind == .interrupted && done > 0 {
        throw Failure(
          .interrupted, "interrupted: \(done) of \(total) frames of \(twin) on \(stimulus) are kept",
          hint: "run the same command again to continue")
      }
    }
    let store = session.workspace.objects
    return KeptRows(blocks: kept.mapValues { .init(frames: $0.frames, path: store.path(of: $0.digest)) })
  }

  /// The blocks that are kept and whole. What is damaged counts as not there.
  private func wholeBlocks(_ blocks: some Sequence<Int>, rowShape: [Int]?) throws -> [Int: CacheRecord] {
    let store = session.workspace.objects
    let records = try session.workspace.cachedBlocks(answer)
    var whole: [Int: CacheRecord] = [:]
    var shape = rowShape
    for block in blocks.sorted() {
      try session.work.cancellation.check()
      guard let record = records[block] else { continue }
      // Young again before it is looked at: another shell's `clean` then leaves it alone.
      store.renew(record.digest)
      guard (try? store.isWhole(record.digest)) == true,
        let file = try? FeatureFile(path: store.path(of: record.digest)),
        file.shape[0] == record.frames.count, record.frames.allSatisfy({ $0 / Self.blockFrames == block })
      else { continue }
      let rowShape = Array(file.shape.dropFirst())
      guard rowShape == shape ?? rowShape else { continue }
      shape = rowShape
      whole[block] = record
    }
    return whole
  }

  private func computed(
    _ frames: [Int], after done: Int, _ compute: ([Int], [Range<Int>]) throws -> Tensor
  ) throws -> Tensor {
    var values: [Float] = []
    var shape: [Int] = []
    var next = 0
    while next < frames.count {
      try session.work.cancellation.check()
      var groups: [Range<Int>] = []
      var batch: [Int] = []
      while next < frames.count, groups.count < Self.batchCells {
        let cell = frames[next...].prefix { $0 / Self.cellFrames == frames[next] / Self.cellFrames }
        groups.append(batch.count..<batch.count + cell.count)
        batch += cell
        next = cell.endIndex
      }
      let rows = try compute(batch, groups)
      guard rows.shape.first == batch.count else {
        throw Failure(.mismatch, "\(twin) gives \(rows.shape.first ?? 0) rows for \(batch.count) frames of \(stimulus)")
      }
      shape = Array(rows.shape.dropFirst())
      values += rows.values
      session.work.progress?.advance(to: done + next)
    }
    return Tensor(shape: [frames.count] + shape, values: values)
  }

  /// Writes a block with the rows that were there before, and its record: what is done stays done.
  private func keep(_ rows: Tensor, of frames: [Int], beside old: CacheRecord?, block: Int) throws -> CacheRecord {
    let store = session.workspace.objects
    var all = rows
    var order = frames
    if let old {
      let file = try FeatureFile(path: store.path(of: old.digest))
      all = Tensor(
        shape: [old.frames.count + frames.count] + rows.shape.dropFirst(),
        values: try file.rows(0..<old.frames.count) + rows.values)
      order = old.frames + frames
    }
    let places = order.indices.sorted { order[$0] < order[$1] }
    let sorted = all.gathering(rows: places)
    let digest = try store.putFile { path in
      for precision in kind.precisions where try write(sorted, precision, to: path) { return }
    }
    let record = CacheRecord(
      answer: answer, block: block, kind: kind.rawValue, twin: twin, stimulus: stimulus,
      frames: places.map { order[$0] },
      digest: digest)
    try session.remember(record)
    return record
  }

  /// False where the precision does not hold the values.
  private func write(_ rows: Tensor, _ precision: FeatureFile.Precision, to path: String) throws -> Bool {
    let writer = try FeatureFileWriter(path: path, precision: precision, rows: rows.shape[0])
    let isPrecise = try writer.append(rows)
    try writer.close()
    return isPrecise
  }
}

/// What is kept, and how.
package enum CachedKind: String, CaseIterable {
  case predictions, features

  /// The first that holds the values is taken: features in half precision where its error is below
  /// `FeatureFile.tolerance`.
  var precisions: [FeatureFile.Precision] { self == .features ? [.float16, .float32] : [.float32] }

  package var title: String { self == .features ? "core features of" : "predict" }
}

/// Rows of frames in the workspace, read when they are asked for.
package struct KeptRows: Sendable {
  package struct Block: Sendable {
    /// Frame of each row, ascending.
    package var frames: [Int]
    package var path: String

    /// The row of a frame.
    package func row(_ frame: Int) -> Int? {
      var range = 0..<frames.count
      while let middle = range.isEmpty ? nil : (range.lowerBound + range.upperBound) / 2 {
        if frames[middle] == frame { return middle }
        range = frames[middle] < frame ? middle + 1..<range.upperBound : range.lowerBound..<middle
      }
      return nil
    }
  }

  package var blocks: [Int: Block]

  /// Three axes of a row.
  func rowShape() throws -> [Int] {
    guard let block = blocks.values.first else { throw Failure(.undefined, "no frame to be answered") }
    return Array(try FeatureFile(path: block.path).shape.dropFirst())
  }

  /// Rows of `frames`, in their order.
  package func rows(_ frames: some Collection<Int>) throws -> [Float] {
    var values: [Float] = []
    var next = frames.startIndex
    while next != frames.endIndex {
      let number = frames[next] / FrameBlocks.blockFrames
      guard let block = blocks[number] else { throw Self.missing(frames[next]) }
      let file = try FeatureFile(path: block.path)
      // Runs of rows that follow each other are read at once.
      while next != frames.endIndex, frames[next] / FrameBlocks.blockFrames == number {
        guard let first = block.row(frames[next]) else { throw Self.missing(frames[next]) }
        var end = first
        while next != frames.endIndex, end < block.frames.count, block.frames[end] == frames[next] {
          end += 1
          next = frames.index(after: next)
        }
        if values.isEmpty { values.reserveCapacity(frames.count * file.shape.dropFirst().reduce(1, *)) }
        values += try file.rows(first..<end)
      }
    }
    return values
  }

  private static func missing(_ frame: Int) -> Failure {
    Failure(.missing, "frame \(frame) was not computed", hint: "run the command again")
  }
}
