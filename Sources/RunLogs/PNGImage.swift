import Foundation

/// A picture as a PNG file: 8 bits for each of red, green and blue, not compressed.
///
/// Source: the PNG specification (W3C 2003), and RFC 1950 and 1951 for stored blocks.
public struct PNGImage: Sendable, Equatable {
  public let height: Int
  public let width: Int
  /// The file's bytes.
  public let data: Data

  private static let sideLimit = 1 << 14
  private static let blockLimit = 65_535

  /// - Shapes: `pixels` `[height][width]`
  /// - Returns: nil for a picture without pixels, with rows of several lengths, or with a side above 16,384 pixels.
  public init?(_ pixels: [[(red: UInt8, green: UInt8, blue: UInt8)]]) {
    guard let width = pixels.first?.count, width > 0, pixels.allSatisfy({ $0.count == width }),
      max(width, pixels.count) <= Self.sideLimit
    else { return nil }
    height = pixels.count
    self.width = width
    // Each row begins with its filter: 0, none.
    let rows = pixels.reduce(into: Data()) { data, row in
      data.append(0)
      for pixel in row { data.append(contentsOf: [pixel.red, pixel.green, pixel.blue]) }
    }
    let header = Self.big(width) + Self.big(pixels.count) + Data([8, 2, 0, 0, 0])
    data =
      Data([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
      + Self.chunk("IHDR", header) + Self.chunk("IDAT", Self.stored(rows)) + Self.chunk("IEND", Data())
  }

  private static func chunk(_ name: String, _ content: Data) -> Data {
    let body = Data(name.utf8) + content
    return big(content.count) + body + big(Int(CyclicChecksum.zlib.value(body)))
  }

  /// A zlib stream of blocks that are not compressed.
  private static func stored(_ content: Data) -> Data {
    var stream = Data([0x78, 0x01])
    var start = content.startIndex
    while start < content.endIndex {
      let end = min(start + blockLimit, content.endIndex)
      let count = end - start
      stream.append(end == content.endIndex ? 1 : 0)
      for number in [count, count ^ 0xffff] {
        stream.append(contentsOf: [UInt8(number & 0xff), UInt8(number >> 8)])
      }
      stream.append(content[start..<end])
      start = end
    }
    var (a, b) = (1, 0)
    for byte in content {
      a = (a + Int(byte)) % 65_521
      b = (b + a) % 65_521
    }
    return stream + big(b << 16 | a)
  }

  private static func big(_ number: Int) -> Data {
    withUnsafeBytes(of: UInt32(truncatingIfNeeded: number).bigEndian) { Data($0) }
  }
}
