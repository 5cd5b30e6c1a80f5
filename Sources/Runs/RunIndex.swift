import Base
import RunLogs

/// What an earlier look at a folder found, as bytes: what a later look starts from.
///
/// Written and read some ten times as fast as JSON: thousands of runs are read back in a few milliseconds.
public enum RunIndex {
  private static let magic = "vcsh runs 2"

  public static func encoded(_ runs: [RunSummary]) -> [UInt8] {
    var writer = Writer()
    writer.text(magic)
    writer.count(runs.count)
    for run in runs { writer.run(run) }
    return writer.bytes
  }

  /// - Returns: nil for bytes that no such index has.
  public static func decoded(_ bytes: [UInt8]) -> [RunSummary]? {
    bytes.withUnsafeBufferPointer { buffer in
      var reader = Reader(bytes: buffer)
      guard reader.text() == magic, let count = reader.count(), count <= bytes.count else { return nil }
      var runs: [RunSummary] = []
      runs.reserveCapacity(count)
      for _ in 0..<count {
        guard let run = reader.run() else { return nil }
        runs.append(run)
      }
      return reader.place == bytes.count ? runs : nil
    }
  }

  private struct Writer {
    private(set) var bytes: [UInt8] = []

    mutating func word(_ value: UInt64) { withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) } }
    mutating func count(_ value: Int) { word(UInt64(bitPattern: Int64(value))) }
    mutating func text(_ value: String) {
      count(value.utf8.count)
      bytes.append(contentsOf: value.utf8)
    }
    mutating func optional<T>(_ value: T?, _ write: (inout Writer, T) -> Void) {
      bytes.append(value == nil ? 0 : 1)
      if let value { write(&self, value) }
    }
    mutating func double(_ value: Double?) { optional(value) { $0.word($1.bitPattern) } }
    mutating func int(_ value: Int?) { optional(value) { $0.count($1) } }
    mutating func string(_ value: String?) { optional(value) { $0.text($1) } }
    mutating func list<T>(_ values: [T], _ write: (inout Writer, T) -> Void) {
      count(values.count)
      for value in values { write(&self, value) }
    }

    mutating func run(_ run: RunSummary) {
      string(run.name)
      string(run.id)
      for value in [run.experimentName, run.kind.rawValue, run.folder] { text(value) }
      list(run.files) { $0.text($1) }
      text(run.state.rawValue)
      text(run.evidence)
      int(run.epochs)
      string(run.metric?.name)
      bytes.append(run.metric?.isLowerBetter ?? false ? 1 : 0)
      for value in [run.best, run.started, run.ended, run.hours] { double(value) }
      list(run.parameters) {
        $0.text($1.name)
        $0.text($1.text)
        $0.bytes.append($1.isFromName ? 1 : 0)
      }
      list(run.remarks) { $0.text($1) }
      bytes.append(run.isBroken ? 1 : 0)
      list(run.checkpoints) { $0.text($1.path) }
      text(run.stamp)
    }
  }

  private struct Reader {
    let bytes: UnsafeBufferPointer<UInt8>
    private(set) var place = 0

    init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    mutating func word() -> UInt64? {
      guard bytes.count - place >= 8 else { return nil }
      defer { place += 8 }
      return UInt64(littleEndian: UnsafeRawBufferPointer(bytes).loadUnaligned(fromByteOffset: place, as: UInt64.self))
    }
    mutating func count() -> Int? { word().map { Int(Int64(bitPattern: $0)) } }
    mutating func byte() -> UInt8? {
      guard place < bytes.count else { return nil }
      defer { place += 1 }
      return bytes[place]
    }
    mutating func text() -> String? {
      guard let length = count(), length >= 0, length <= bytes.count - place else { return nil }
      defer { place += length }
      return String(decoding: bytes[place..<place + length], as: UTF8.self)
    }
    /// The outer nil: the bytes are damaged.
    mutating func optional<T>(_ read: (inout Reader) -> T?) -> T?? {
      switch byte() {
      case 0: .some(nil)
      case 1: read(&self).map { .some($0) }
      default: nil
      }
    }
    mutating func double() -> Double?? { optional { $0.word().map(Double.init(bitPattern:)) } }
    mutating func list<T>(_ read: (inout Reader) -> T?) -> [T]? {
      guard let count = count(), count >= 0, count <= bytes.count - place else { return nil }
      var values: [T] = []
      for _ in 0..<count {
        guard let value = read(&self) else { return nil }
        values.append(value)
      }
      return values
    }

    mutating func run() -> RunSummary? {
      guard let name = optional({ $0.text() }), let id = optional({ $0.text() }), let experiment = text(),
        let kind = text().flatMap(RunKind.init), let folder = text(), let files = list({ $0.text() }),
        let state = text().flatMap(RunState.init), let evidence = text(), let epochs = optional({ $0.count() }),
        let metric = optional({ $0.text() }), let isLower = byte(), let best = double(), let started = double(),
        let ended = double(), let hours = double(),
        let parameters = list({ reader -> RunSummary.Parameter? in
          guard let name = reader.text(), let text = reader.text(), let flag = reader.byte() else { return nil }
          return RunSummary.Parameter(name: name, text: text, isFromName: flag == 1)
        }), let remarks = list({ $0.text() }), let broken = byte(),
        let checkpoints = list({ $0.text().flatMap(RunCheckpoint.init(path:)) }), let stamp = text()
      else { return nil }
      var run = RunSummary(kind: kind, folder: folder, files: files)
      (run.name, run.id, run.experimentName) = (name, id, experiment)
      (run.state, run.evidence, run.epochs) = (state, evidence, epochs)
      run.metric = metric.map { RankingMetric(name: $0, isLowerBetter: isLower == 1) }
      (run.best, run.started, run.ended, run.hours) = (best, started, ended, hours)
      (run.parameters, run.remarks, run.isBroken) = (parameters, remarks, broken == 1)
      (run.checkpoints, run.stamp) = (checkpoints, stamp)
      return run
    }
  }
}
