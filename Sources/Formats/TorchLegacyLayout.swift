import Base
import Foundation

/// torch's format before 1.6: four pickles, a list of storage keys, then each storage after its number of elements.
struct TorchLegacyLayout {
  let root: PickleValue
  /// All five pickles of the file, in order; `root` is the fourth.
  let pickles: [PickleValue]
  /// Where each storage's elements lie in the file.
  let storages: [String: Range<Int>]
  let isBigEndian: Bool

  /// `0x1950a86a20f9469cfc6c` as protocols 2 and up write it, least significant byte first.
  private static let magic: [UInt8] = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]
  private static let magicDigits = "119547037146038801333356"

  /// - Parameter front: the file's first bytes, 32 or more where it has them.
  static func isLegacy(_ front: some Sequence<UInt8>) -> Bool {
    let head = Array(front.prefix(32))
    if head.starts(with: Array("L\(magicDigits)".utf8)) { return true }
    guard head.first == 0x80, head.count >= magic.count + 2 else { return false }
    return (2...head.count - magic.count).contains { head[$0..<$0 + magic.count].elementsEqual(magic) }
  }

  init(_ bytes: Bytes, origin: String, allowsEmbedded: Bool = true) throws {
    var position = bytes.start
    var pickles: [PickleValue] = []
    func next() throws -> PickleValue {
      let (value, end) = try PickleReader.read(bytes[position...], origin: origin, allowsEmbedded: allowsEmbedded)
      position = end
      pickles.append(value)
      return value
    }
    guard case .bigInteger(TorchLegacyLayout.magicDigits) = try next().kind else {
      throw Failure(.format, "\(origin): not a legacy torch file: its magic number is wrong")
    }
    guard let version = try next().intValue, version == 1001 else {
      throw Failure(.unsupported, "\(origin): a legacy torch file of an unknown version")
    }
    let system = try next()
    if case .bool(let isLittle) = system["little_endian"]?.kind { isBigEndian = !isLittle } else { isBigEndian = false }
    root = try next()
    guard let keys = try next().items else {
      throw Failure(.format, "\(origin): the list of storages is missing at byte \(position)")
    }
    self.pickles = pickles
    var sizes: [String: Int] = [:]
    for storage in root.graph.storages {
      if case .entry(let key) = storage.storage { sizes[key] = storage.elementSize }
    }
    var ranges: [String: Range<Int>] = [:]
    for item in keys {
      let key = item.stringValue ?? item.intValue.map(String.init) ?? ""
      guard let size = sizes[key] else {
        throw Failure(.unsupported, "\(origin): storage `\(key)` at byte \(position) has an unknown element type")
      }
      let count = try bytes.unsigned(position, width: 8, "the size of storage `\(key)`")
      if isBigEndian, count != 0 {
        throw Failure(.unsupported, "\(origin): vcsh does not read legacy torch files of big-endian machines")
      }
      let (length, overflow) = Int(truncatingIfNeeded: count).multipliedReportingOverflow(by: size)
      guard count <= UInt64(Int.max), !overflow else {
        throw Failure(.format, "\(origin): storage `\(key)` at byte \(position) can't have \(count) elements")
      }
      let range = try bytes.checked(position + 8, length, "storage `\(key)`")
      guard ranges.updateValue(range, forKey: key) == nil else {
        throw Failure(.format, "\(origin): two storages are named `\(key)`")
      }
      position = range.upperBound
    }
    storages = ranges
  }

  /// The storage in a whole legacy file, which is how a plain pickle holds a tensor.
  static func embeddedStorage(_ bytes: [UInt8]) -> PickleGraph.StorageReference? {
    let file = Bytes(Data(bytes), origin: "")
    // One level only: torch writes no files within files within files.
    guard isLegacy(bytes), let layout = try? TorchLegacyLayout(file, origin: "", allowsEmbedded: false),
      !layout.isBigEndian, case .storage(let index) = layout.root.content
    else { return nil }
    var storage = layout.root.graph.storages[Int(index)]
    guard case .entry(let key) = storage.storage, let range = layout.storages[key], let size = storage.elementSize,
      let elements = try? file.data(range),
      range.count >= storage.count.multipliedReportingOverflow(by: size).partialValue
    else { return nil }
    storage.storage = .inline(Array(elements))
    storage.count = range.count / size
    return storage
  }
}
