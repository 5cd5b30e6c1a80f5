import Base
import Formats
import Foundation

/// The log of an offline run of Weights & Biases: `run-<id>.wandb`, records of LevelDB's log format with protobuf.
///
/// Steps are the optimiser's (`trainer/global_step`) where the trainer logs them, else W&B's count of log calls.
public enum WandbLog {
  private static let blockByteCount = 32_768
  private static let recordLimit = 256 << 20
  private static let frontByteCount = 1 << 20
  private static let magic: [UInt8] = [0x3a, 0x57, 0x26, 0x42]  // :W&B

  /// - Parameter memory: of earlier readings; nil to read the whole file.
  /// - Throws: `format` for a file that does not begin as such a log.
  public static func read(_ path: String, memory: LogMemory? = nil) throws -> RunLog {
    let records = try Records.read(path, fresh: Records(), memory: memory)
    let reader = records.reader
    var run = RunLog()
    if let skipped = records.skipped {
      run.remarks.append("\(skipped): what follows it in its block of \(blockByteCount) bytes is left out")
    }
    if let damage = records.damage { run.remarks.append("\(damage); the \(reader.count) records before it are read") }
    run.name = reader.name
    run.id = reader.id
    run.parameters = reader.parameters
    run.curves = reader.curves.curves
    // Where a block is left out the beginning may be.
    if records.skipped == nil { run.noteResume() }
    run.started = reader.started ?? reader.times?.lowerBound
    run.ended = reader.times?.upperBound
    run.hours = reader.runtime.map { $0 / 3600 }
    if let code = reader.exitCode {
      run.state = code == 0 ? .finished : .failed
      run.evidence = "W&B recorded the end with exit code \(code)"
    } else if records.skipped == nil, records.damage == nil || records.damage == Records.cut {
      run.state = .killed
      run.evidence = "W&B recorded no end"
    } else {
      run.evidence =
        records.damage == nil || records.damage == Records.cut
        ? "the end may have been in a damaged part of the log" : "the log is damaged before its end"
    }
    return run
  }

  /// The first step that a log has; nil where the front of the file has none, or can't be read.
  package static func firstStep(_ path: String) -> Int? {
    guard let file = try? RegularFile(path: path),
      let front = try? file.read(0..<min(file.size, frontByteCount)),
      let records = try? Records(front: [UInt8](front), path: path)
    else { return nil }
    return records.reader.curves.curves.firstStep
  }

  /// The records of a file, as far as they are complete.
  private struct Records: GrowingLog {
    private(set) var reader = Reader()
    private(set) var consumed = 0
    /// Why reading stopped before the end; nil where it did not.
    private(set) var damage: String?
    /// The first damage that was passed over: reading went on in the next block.
    private(set) var skipped: String?
    static let cut = "the file ends within a record"
    /// A record whose last part is still to come.
    private var open: [UInt8] = []
    private var isOpen = false
    /// Parts of a record without its beginning are passed over until the next record begins.
    private var isRecovering = false

    init() {}

    /// - Parameter front: the first bytes of a file.
    /// - Throws: `format` where it does not begin as such a log.
    init(front: [UInt8], path: String) throws { try take(front, from: 0, path: path) }

    var pointCount: Int { reader.curves.pointCount + open.count / 32 }

    mutating func take(_ file: RegularFile) throws {
      let start = consumed
      try take([UInt8](file.read(start..<file.size)), from: start, path: file.path)
    }

    /// - Parameter start: the place of the bytes in the file.
    private mutating func take(_ bytes: [UInt8], from start: Int, path: String) throws {
      if start == 0 {
        guard bytes.starts(with: magic), bytes.count >= 7 else {
          throw Failure(
            .format, "\(path): \(bytes.isEmpty ? "the file is empty" : "it does not begin as a log of W&B")")
        }
        consumed = 7
      }
      damage = try takeRecords(bytes, from: start)
      // As LevelDB's own reader does: a block is read for itself, whatever the one before it holds.
      while let reason = damage, reason != Self.cut {
        let next = (consumed / blockByteCount + 1) * blockByteCount
        guard next - start < bytes.count else { return }
        skipped = skipped ?? reason
        (open, isOpen, consumed) = ([], false, next)
        isRecovering = true
        damage = try takeRecords(bytes, from: start)
      }
    }

    /// - Parameter start: the place of the bytes in the file.
    /// - Returns: why reading stopped before the end; nil where it did not.
    private mutating func takeRecords(_ bytes: [UInt8], from start: Int) throws -> String? {
      while consumed - start < bytes.count {
        let left = blockByteCount - consumed % blockByteCount
        let position = consumed - start
        if left < 7 {
          guard position + left <= bytes.count else { return isOpen ? Self.cut : nil }
          consumed += left
          continue
        }
        guard position + 7 <= bytes.count else { return Self.cut }
        let length = Int(ProtobufFields.little(bytes[position + 4..<position + 6]))
        let type = bytes[position + 6]
        // A preallocated rest of zeros ends the log.
        if type == 0, length == 0 { return nil }
        guard (1...4).contains(type), length <= left - 7 else { return "a record is damaged" }
        guard position + 7 + length <= bytes.count else { return Self.cut }
        let part = bytes[position + 7..<position + 7 + length]
        guard
          UInt64(CyclicChecksum.zlib.value(bytes[position + 6..<position + 7 + length]))
            == ProtobufFields.little(bytes[position..<position + 4])
        else { return "a record has a wrong checksum" }
        if type <= 2 { isRecovering = false }
        switch type {
        case 1: reader.add(part)
        case 2: (open, isOpen) = (Array(part), true)
        case _ where isRecovering: break
        default:
          guard isOpen, open.count + part.count <= recordLimit else { return "a record has no beginning" }
          open += part
          if type == 4 {
            reader.add(open[...])
            (open, isOpen) = ([], false)
          }
        }
        consumed += 7 + length
      }
      return isOpen ? Self.cut : nil
    }
  }

  /// What the records say, one after the other.
  fileprivate struct Reader: Sendable {
    var count = 0
    var (name, id): (String?, String?)
    var parameters: [ConfigNode.Entry] = []
    var curves = CurveCollector()
    var started: Double?
    var times: ClosedRange<Double>?
    var runtime: Double?
    var exitCode: Int?

    mutating func add(_ record: ArraySlice<UInt8>) {
      count += 1
      var fields = ProtobufFields(record)
      while let (field, content) = fields.next() {
        guard let message = content.bytes else { continue }
        switch field {
        case 2: addHistory(message)
        case 5: addConfiguration(message)
        case 17: addRun(message)
        case 18:
          exitCode = message.protobuf(1)?.integer ?? 0
          if let seconds = message.protobuf(2)?.integer { runtime = max(runtime ?? 0, Double(seconds)) }
        default: break
        }
      }
    }

    private mutating func addRun(_ message: ArraySlice<UInt8>) {
      id = message.protobuf(1)?.text ?? id
      if let text = message.protobuf(8)?.text, !text.isEmpty { name = text }
      if let configuration = message.protobuf(4)?.bytes { addConfiguration(configuration) }
      if let stamp = message.protobuf(17)?.bytes, let seconds = stamp.protobuf(1)?.integer {
        started = Double(seconds) + Double(stamp.protobuf(2)?.integer ?? 0) / 1e9
      }
    }

    private mutating func addConfiguration(_ message: ArraySlice<UInt8>) {
      var fields = ProtobufFields(message)
      while let (field, content) = fields.next() {
        guard field == 1, let item = content.bytes, let (key, value) = Self.item(item, keyField: 1),
          !key.hasPrefix("_wandb")
        else { continue }
        for entry in ConfigNode.map([.init(key, value)]).flattened {
          parameters.removeAll { $0.key == entry.key }
          parameters.append(entry)
        }
      }
    }

    private mutating func addHistory(_ message: ArraySlice<UInt8>) {
      var values: [(key: String, value: Double)] = []
      var fields = ProtobufFields(message)
      var step = 0
      while let (field, content) = fields.next() {
        guard let item = content.bytes else { continue }
        if field == 2 { step = item.protobuf(1)?.integer ?? step }
        guard field == 1, let (key, value) = Self.item(item, keyField: 1) else { continue }
        if let number = value.doubleValue { values.append((key, number)) }
        if value.stringValue == "NaN" { values.append((key, .nan)) }
        if value.stringValue == "Infinity" { values.append((key, .infinity)) }
        if value.stringValue == "-Infinity" { values.append((key, -.infinity)) }
      }
      func number(_ key: String) -> Double? { values.first { $0.key == key }?.value }
      let own = number("trainer/global_step") ?? number("_step")
      let atStep = own.flatMap(LogCount.of) ?? step
      let epoch = number("epoch").flatMap(LogCount.of)
      if let time = number("_timestamp"), time.isFinite {
        times = min(times?.lowerBound ?? time, time)...max(times?.upperBound ?? time, time)
      }
      if let seconds = number("_runtime"), seconds.isFinite { runtime = max(runtime ?? 0, seconds) }
      for (key, value) in values where !key.hasPrefix("_") && key != "trainer/global_step" && key != "epoch" {
        curves.append(key, step: atStep, epoch: epoch, value)
      }
    }

    /// A key, or the parts of a nested one, with its value in JSON.
    private static func item(_ item: ArraySlice<UInt8>, keyField: Int) -> (String, ConfigNode)? {
      var fields = ProtobufFields(item)
      var parts: [String] = []
      var value: ConfigNode?
      while let (field, content) = fields.next() {
        switch field {
        case 1, 2: content.text.map { parts.append($0) }
        case 16: value = content.bytes.flatMap { try? JSONNode.parse($0, name: "W&B") }
        default: break
        }
      }
      guard let value, !parts.isEmpty else { return nil }
      return (parts.joined(separator: "/"), value)
    }
  }
}
