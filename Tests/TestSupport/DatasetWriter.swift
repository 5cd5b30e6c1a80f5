import CZlib
import Foundation

/// Writes a small `.dset` as `torch.save` does: a zip of a pickle and one storage for each covariate.
public struct DatasetWriter {
  /// One covariate; `[time, …]`, row-major.
  public struct Covariate {
    var name: String
    var shape: [Int]
    /// `ByteStorage`, `FloatStorage`, `DoubleStorage`, `LongStorage`
    var storage: String
    var bytes: Data

    public init(_ name: String, shape: [Int], uint8 bytes: Data) {
      (self.name, self.shape, storage, self.bytes) = (name, shape, "ByteStorage", bytes)
    }

    public init(_ name: String, shape: [Int], float values: [Float]) {
      (self.name, self.shape, storage) = (name, shape, "FloatStorage")
      bytes = values.withUnsafeBytes { Data($0) }
    }

    public init(_ name: String, shape: [Int], double values: [Double]) {
      (self.name, self.shape, storage) = (name, shape, "DoubleStorage")
      bytes = values.withUnsafeBytes { Data($0) }
    }

    public init(_ name: String, shape: [Int], int64 values: [Int64]) {
      (self.name, self.shape, storage) = (name, shape, "LongStorage")
      bytes = values.withUnsafeBytes { Data($0) }
    }

    var elementCount: Int { shape.reduce(1, *) }
  }

  public var session: String
  public var rateHz: Double
  public var covariates: [Covariate]

  public init(session: String, rateHz: Double, covariates: [Covariate]) {
    self.session = session
    self.rateHz = rateHz
    self.covariates = covariates
  }

  public func write(to path: String) throws {
    try Data().write(to: URL(filePath: path))
    guard let file = FileHandle(forWritingAtPath: path) else { throw CocoaError(.fileWriteUnknown) }
    defer { try? file.close() }
    var entries = [("d/data.pkl", pickle), ("d/byteorder", Data("little".utf8))]
    for (index, covariate) in covariates.enumerated() { entries.append(("d/data/\(index)", covariate.bytes)) }
    var directory = Data()
    var place = 0
    for (name, content) in entries {
      var fields = Data()
      for value in [10, 0, 0, 0, 0x21] { fields.append(little(value, 2)) }
      fields.append(little(Int(checksum(content)), 4))
      for _ in 0..<2 { fields.append(little(content.count, 4)) }
      for value in [name.utf8.count, 0] { fields.append(little(value, 2)) }
      let header = Data([0x50, 0x4b, 3, 4]) + fields + Data(name.utf8)
      try file.write(contentsOf: header)
      try file.write(contentsOf: content)
      directory.append(Data([0x50, 0x4b, 1, 2]) + little(10, 2) + fields + Data(count: 10))
      directory.append(little(place, 4) + Data(name.utf8))
      place += header.count + content.count
    }
    try file.write(contentsOf: directory)
    var end = Data([0x50, 0x4b, 5, 6, 0, 0, 0, 0])
    for _ in 0..<2 { end.append(little(entries.count, 2)) }
    end.append(little(directory.count, 4) + little(place, 4) + little(0, 2))
    try file.write(contentsOf: end)
  }

  // MARK: The pickle, protocol 2

  private var pickle: Data {
    var out = Data([0x80, 2])
    out.append(Data("}(".utf8))
    append("covariates", to: &out)
    out.append(Data("}(".utf8))
    for (index, covariate) in covariates.enumerated() {
      append(covariate.name, to: &out)
      out.append(Data("ctorch._utils\n_rebuild_tensor_v2\n((".utf8))
      append("storage", to: &out)
      out.append(Data("ctorch\n\(covariate.storage)\n".utf8))
      append("\(index)", to: &out)
      append("cpu", to: &out)
      out.append(number(covariate.elementCount) + Data("tQ".utf8) + number(0))
      let strides = covariate.shape.indices.map { covariate.shape[($0 + 1)...].reduce(1, *) }
      for sizes in [covariate.shape, strides] {
        out.append(Data("(".utf8) + sizes.reduce(Data()) { $0 + number($1) } + Data("t".utf8))
      }
      out.append(Data([0x89]) + Data("ccollections\nOrderedDict\n)RtR".utf8))
    }
    out.append(Data("u".utf8))
    append("metadata", to: &out)
    out.append(Data("}(".utf8))
    append("sess", to: &out)
    append(session, to: &out)
    append("rate", to: &out)
    out.append(Data("G".utf8) + withUnsafeBytes(of: rateHz.bitPattern.bigEndian) { Data($0) })
    out.append(Data("uu.".utf8))
    return out
  }

  private func append(_ text: String, to out: inout Data) {
    out.append(Data("X".utf8) + little(text.utf8.count, 4) + Data(text.utf8))
  }

  private func number(_ value: Int) -> Data { Data("J".utf8) + little(value, 4) }

  private func little(_ value: Int, _ width: Int) -> Data {
    Data((0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) })
  }

  private func checksum(_ content: Data) -> UInt {
    content.withUnsafeBytes { crc32_z(0, $0.bindMemory(to: UInt8.self).baseAddress, $0.count) }
  }
}
