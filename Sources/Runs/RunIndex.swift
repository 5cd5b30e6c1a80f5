import Base
import Kernels
import RunLogs

/// What an earlier look at a folder found, as bytes: what a later look starts from.
///
/// Written and read some ten times as fast as JSON: thousands of runs are read back in a few milliseconds. A text that is the
/// same as in the row before is not repeated. The rows lie in parts, which are read on all cores.
public enum RunIndex {
  private static let magic = "vcsh runs 6"
  private static let rowsInPart = 64

  public static func encoded(_ runs: [RunSummary]) -> [UInt8] {
    var writer = Writer()
    writer.bytes.reserveCapacity(64 + 512 * runs.count)
    writer.text(magic)
    writer.count((runs.count + rowsInPart - 1) / rowsInPart)
    var part = Writer()
    for start in stride(from: 0, to: runs.count, by: rowsInPart) {
      part.start()
      let end = min(start + rowsInPart, runs.count)
      for place in start..<end { part.run(runs[place]) }
      writer.count(end - start)
      writer.count(part.bytes.count)
      writer.bytes += part.bytes
    }
    return writer.bytes
  }

  /// - Returns: nil for bytes that no such index has.
  public static func decoded(_ bytes: [UInt8]) -> [RunSummary]? {
    var parts: [(rows: Int, range: Range<Int>)] = []
    let isWhole = bytes.withUnsafeBufferPointer { buffer in
      var reader = Reader(bytes: buffer)
      guard reader.text() == magic, let count = reader.count() else { return false }
      for _ in 0..<count {
        guard let rows = reader.count(), let range = reader.range() else { return false }
        parts.append((rows, range))
      }
      return reader.place == bytes.count
    }
    guard isWhole else { return nil }
    let rows = try? Parallel.map(parts.count) { [parts] place in
      let (count, range) = parts[place]
      return bytes.withUnsafeBufferPointer { runs(count, in: UnsafeBufferPointer(rebasing: $0[range])) }
    }
    guard let rows, !rows.contains(where: { $0 == nil }) else { return nil }
    return rows.flatMap { $0 ?? [] }
  }

  private static func runs(_ count: Int, in bytes: UnsafeBufferPointer<UInt8>) -> [RunSummary]? {
    var reader = Reader(bytes: bytes)
    guard count <= bytes.count else { return nil }
    var runs: [RunSummary] = []
    runs.reserveCapacity(count)
    for _ in 0..<count {
      guard let run = reader.run() else { return nil }
      runs.append(run)
    }
    return reader.place == bytes.count ? runs : nil
  }

  fileprivate struct Writer: Sendable {
    var bytes: [UInt8] = []
    /// Texts of the row before, and how many of this one are written.
    private var texts: [String] = []
    private var written = 0

    /// A part begins: no row is before its first.
    mutating func start() {
      bytes.removeAll(keepingCapacity: true)
      texts.removeAll(keepingCapacity: true)
    }

    /// A text that many rows share: nothing but a zero where the row before has the same in its place.
    mutating func shared(_ value: String) {
      defer { written += 1 }
      if written < texts.count {
        if texts[written] == value { return count(0) }
        texts[written] = value
      } else {
        texts.append(value)
      }
      count(value.utf8.count + 1)
      bytes.append(contentsOf: value.utf8)
    }

    mutating func word(_ value: UInt64) { withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) } }
    /// Seven bits a byte, the lowest first.
    mutating func count(_ value: Int) {
      var rest = UInt64(value)
      while rest > 127 {
        bytes.append(UInt8(truncatingIfNeeded: rest) | 128)
        rest >>= 7
      }
      bytes.append(UInt8(rest))
    }
    mutating func flag(_ value: Bool) { bytes.append(value ? 1 : 0) }
    mutating func text(_ value: String) {
      count(value.utf8.count)
      bytes.append(contentsOf: value.utf8)
    }
    mutating func optional<T>(_ value: T?, _ write: (inout Writer, T) -> Void) {
      flag(value != nil)
      if let value { write(&self, value) }
    }
    mutating func string(_ value: String?) { optional(value) { $0.text($1) } }
    mutating func double(_ value: Double?) { optional(value) { $0.word($1.bitPattern) } }
    mutating func list<T>(_ values: [T], _ write: (inout Writer, T) -> Void) {
      count(values.count)
      for value in values { write(&self, value) }
    }

    mutating func run(_ run: RunSummary) {
      written = 0
      string(run.name)
      string(run.id)
      shared(run.kind.rawValue)
      text(run.folder)
      string(run.givenName)
      list(run.files) { $0.shared($1) }
      shared((run.loggedEnd?.state ?? run.state).rawValue)
      shared(run.loggedEnd?.evidence ?? run.evidence)
      optional(run.epochs) { $0.word(UInt64(bitPattern: Int64($1))) }
      optional(run.metric?.name) { $0.shared($1) }
      flag(run.metric?.isLowerBetter ?? false)
      double(run.best)
      double(run.started)
      double(run.ended)
      double(run.hours)
      double(run.settlesAt)
      list(run.parameters) { writer, parameter in
        writer.shared(parameter.name)
        writer.text(parameter.text)
        writer.flag(parameter.isFromName)
      }
      list(run.remarks) { $0.text($1) }
      flag(run.isBroken)
      list(run.checkpoints) { $0.text($1.path) }
      text(run.stamp)
      list(run.place.names) { $0.shared($1) }
      text(run.place.stamp)
    }
  }

  private struct Reader {
    let bytes: UnsafeBufferPointer<UInt8>
    private(set) var place: Int
    /// Texts of the row before, and how many of this one are read.
    private var texts: [String] = []
    private var known = 0

    init(bytes: UnsafeBufferPointer<UInt8>) { (self.bytes, place) = (bytes, 0) }

    mutating func word() -> UInt64? {
      guard bytes.count - place >= 8 else { return nil }
      defer { place += 8 }
      return UInt64(littleEndian: UnsafeRawBufferPointer(bytes).loadUnaligned(fromByteOffset: place, as: UInt64.self))
    }
    mutating func byte() -> UInt8? {
      guard place < bytes.count else { return nil }
      defer { place += 1 }
      return bytes[place]
    }
    mutating func count() -> Int? {
      var value = 0
      for shift in stride(from: 0, to: 56, by: 7) {
        guard let byte = byte() else { return nil }
        value |= Int(byte & 127) << shift
        if byte < 128 { return value }
      }
      return nil
    }
    mutating func flag() -> Bool? {
      switch byte() {
      case 0: false
      case 1: true
      default: nil
      }
    }
    /// A length, and that many bytes.
    mutating func range() -> Range<Int>? {
      guard let length = count(), length <= bytes.count - place else { return nil }
      defer { place += length }
      return place..<place + length
    }
    mutating func text() -> String? { range().map { String(decoding: bytes[$0], as: UTF8.self) } }
    mutating func shared() -> String? {
      guard let length = count() else { return nil }
      defer { known += 1 }
      if length == 0 { return known < texts.count ? texts[known] : nil }
      guard length - 1 <= bytes.count - place else { return nil }
      let text = String(decoding: bytes[place..<place + length - 1], as: UTF8.self)
      place += length - 1
      if known < texts.count { texts[known] = text } else { texts.append(text) }
      return text
    }
    /// The outer nil: the bytes are damaged.
    mutating func optional<T>(_ read: (inout Reader) -> T?) -> T?? {
      guard let isThere = flag() else { return nil }
      guard isThere else { return .some(nil) }
      return read(&self).map { .some($0) }
    }
    mutating func string() -> String?? { optional { $0.text() } }
    mutating func double() -> Double?? { optional { $0.word().map(Double.init(bitPattern:)) } }
    mutating func list<T>(_ read: (inout Reader) -> T?) -> [T]? {
      guard let count = count(), count <= bytes.count - place else { return nil }
      var values: [T] = []
      values.reserveCapacity(count)
      for _ in 0..<count {
        guard let value = read(&self) else { return nil }
        values.append(value)
      }
      return values
    }

    mutating func run() -> RunSummary? {
      known = 0
      guard let name = string(), let id = string(), let kind = shared().flatMap(RunKind.init), let folder = text(),
        let given = string(), let files = list({ $0.shared() }), let state = shared().flatMap(RunState.init),
        let evidence = shared(), let epochs = optional({ $0.word().map { Int(Int64(bitPattern: $0)) } }),
        let metric = optional({ $0.shared() }), let isLower = flag(), let best = double(), let started = double(),
        let ended = double(), let hours = double(), let settlesAt = double(),
        let parameters = list({ reader -> RunSummary.Parameter? in
          guard let name = reader.shared(), let text = reader.text(), let isFromName = reader.flag() else { return nil }
          return RunSummary.Parameter(name: name, text: text, isFromName: isFromName)
        }), let remarks = list({ $0.text() }), let isBroken = flag(),
        let checkpoints = list({ $0.text().flatMap(RunCheckpoint.init(path:)) }), let stamp = text(),
        let names = list({ $0.shared() }), let folderStamp = text()
      else { return nil }
      var run = RunSummary(kind: kind, folder: folder, files: files)
      (run.name, run.id, run.givenName) = (name, id, given)
      (run.state, run.evidence, run.epochs) = (state, evidence, epochs)
      run.metric = metric.map { RankingMetric(name: $0, isLowerBetter: isLower) }
      (run.best, run.started, run.ended, run.hours) = (best, started, ended, hours)
      (run.parameters, run.remarks, run.isBroken) = (parameters, remarks, isBroken)
      (run.checkpoints, run.stamp, run.settlesAt) = (checkpoints, stamp, settlesAt)
      run.place = FolderNames(names: names, stamp: folderStamp)
      return run
    }
  }
}
