import Base
import Formats
import Foundation

/// What Lightning's CSVLogger leaves: `metrics.csv`, with `hparams.yaml` beside it.
///
/// The logger rewrites the whole file whenever a metric appears for the first time; then the header is another one, and the
/// file is read from its front. A row without an epoch (learning rates) has none. A training that is resumed writes a file of
/// its own, in the next `version_N`.
public enum LightningCSVLog {
  public static let fileName = "metrics.csv"

  /// - Parameter memory: of earlier readings; nil to read the whole file.
  /// - Throws: `format` for a file without a header, or whose header has neither `step` nor `epoch`.
  public static func read(_ path: String, memory: LogMemory? = nil) throws -> RunLog {
    let table = try LightningTable.read(path, fresh: LightningTable(), memory: memory)
    var run = RunLog()
    // Of columns with one name the first counts.
    run.curves = table.curves.enumerated().filter { table.csv.column($1.name) == $0 && !$1.values.isEmpty }
      .map(\.element)
    run.remarks = table.csv.remarks + table.remarks
    if table.rows == 0 { run.remarks.append("the log has a header and no row yet") }
    run.noteResume()
    run.parameters = try HyperParameterFile.beside(path, &run.remarks)
    return run
  }
}

/// The rows of `metrics.csv` as curves.
private struct LightningTable: GrowingLog {
  private(set) var csv = CSVLog()
  private(set) var curves: [MetricCurve] = []
  private(set) var rows = 0

  /// By column: fields that hold something else than a number, and the row of the first, from 1.
  private var texts: [Int: (count: Int, row: Int)] = [:]

  var consumed: Int { csv.consumed }

  var remarks: [String] {
    let names = csv.names
    let doubled = names.indices.filter { csv.column(names[$0]) != $0 }.map { names[$0] }
    return texts.sorted { $0.key < $1.key }.map { column, found in
      "\(names[column].shortened): \(found.count == 1 ? "1 value is no number" : "\(found.count) values are no numbers"), the first in row \(found.row)"
    } + (doubled.isEmpty ? [] : ["there more than once, and only the first column counts: \(doubled.listed(first: 3))"])
  }

  var pointCount: Int { curves.reduce(0) { $0 + $1.values.count } }

  mutating func take(_ file: RegularFile) throws {
    let bytes = try [UInt8](file.read(consumed..<file.size))
    try bytes.withUnsafeBufferPointer { try take($0, path: file.path) }
  }

  private mutating func take(_ bytes: UnsafeBufferPointer<UInt8>, path: String) throws {
    let start = try csv.readHeader(bytes, path: path)
    let (step, epoch) = (csv.column("step"), csv.column("epoch"))
    guard step != nil || epoch != nil else {
      throw Failure(.format, "\(path): the header has neither `step` nor `epoch`, so this is not a training log")
    }
    if curves.isEmpty { curves = csv.names.map { MetricCurve($0) } }
    var (curves, row, texts) = (self.curves, rows, self.texts)
    self.curves = []
    _ = csv.forEachRow(bytes, from: start) { bytes, fields in
      func number(_ column: Int) -> Double? { NumberField.value(bytes[fields[column]]) }
      let atEpoch = epoch.flatMap(number).flatMap(LogCount.of)
      let atStep = step.flatMap(number).flatMap(LogCount.of) ?? row
      for column in fields.indices where column != step && column != epoch && !fields[column].isEmpty {
        if let value = number(column) {
          curves[column].append(step: atStep, epoch: atEpoch, value)
        } else {
          texts[column] = (texts[column, default: (0, row + 1)].count + 1, texts[column]?.row ?? row + 1)
        }
      }
      row += 1
    }
    (self.curves, rows, self.texts) = (curves, row, texts)
  }
}

/// `hparams.yaml`, which Lightning's loggers write beside their logs.
enum HyperParameterFile {
  static func beside(_ path: String, _ remarks: inout [String]) throws -> [ConfigNode.Entry] {
    let file = (path as NSString).deletingLastPathComponent + "/hparams.yaml"
    guard FileManager.default.fileExists(atPath: file) else { return [] }
    do {
      let text = try LogBytes.text(file)
      if text.allSatisfy(\.isWhitespace) { return [] }
      return try YAMLDocument.parse(text: text, name: file).flattened
    } catch let failure as Failure where failure.kind != .interrupted {
      remarks.append(failure.message)
      return []
    }
  }
}

extension ConfigNode {
  /// The settings of a map, those of maps in it under dotted names. Lists stay whole. Depth is bounded by the readers.
  package var flattened: [Entry] {
    var found: [Entry] = []
    var open: [(prefix: String, node: ConfigNode)] = [("", self)]
    while let (prefix, node) = open.popLast() {
      if case .map(let entries) = node, !(entries.isEmpty && !prefix.isEmpty) {
        open += entries.reversed().map { (prefix.isEmpty ? $0.key : "\(prefix).\($0.key)", $0.value) }
      } else if !prefix.isEmpty {
        found.append(Entry(prefix, node))
      }
    }
    return found
  }
}
