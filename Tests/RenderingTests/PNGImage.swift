import CZlib
import Foundation
import Testing

/// The pixels of a PNG file with 8 bits for each of its red, green, blue and perhaps alpha.
struct PNGImage {
  let width: Int
  let height: Int
  /// Each pixel as 0xRRGGBB, row by row.
  let pixels: [UInt32]

  init(_ data: Data) throws {
    let bytes = Array(data)
    try #require(bytes.prefix(8) == [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
    func number(_ at: Int) -> Int { bytes[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } }
    var packed: [UInt8] = []
    var place = 8
    while place + 12 <= bytes.count {
      let length = number(place)
      let body = place + 8..<place + 8 + length
      if bytes[place + 4..<place + 8].elementsEqual("IDAT".utf8) { packed += bytes[body] }
      place = body.upperBound + 4
    }
    (width, height) = (number(16), number(20))
    // 8 bits; colour with alpha or without; not interlaced.
    try #require(bytes[24] == 8 && [2, 6].contains(bytes[25]) && bytes[28] == 0)
    let depth = bytes[25] == 6 ? 4 : 3
    let stride = width * depth
    var lines = [UInt8](repeating: 0, count: height * (stride + 1))
    var size = uLongf(lines.count)
    try #require(uncompress(&lines, &size, packed, uLong(packed.count)) == Z_OK && size == lines.count)
    // Each line begins with the filter that its bytes went through.
    var shown = [UInt8](repeating: 0, count: height * stride)
    for y in 0..<height {
      for x in 0..<stride {
        let left = x >= depth ? Int(shown[y * stride + x - depth]) : 0
        let up = y > 0 ? Int(shown[(y - 1) * stride + x]) : 0
        let corner = x >= depth && y > 0 ? Int(shown[(y - 1) * stride + x - depth]) : 0
        let added: Int
        switch lines[y * (stride + 1)] {
        case 1: added = left
        case 2: added = up
        case 3: added = (left + up) / 2
        case 4:
          let guess = left + up - corner
          let (a, b, c) = (abs(guess - left), abs(guess - up), abs(guess - corner))
          added = a <= b && a <= c ? left : b <= c ? up : corner
        default: added = 0
        }
        shown[y * stride + x] = lines[y * (stride + 1) + 1 + x] &+ UInt8(added)
      }
    }
    pixels = (0..<width * height).map { place in
      UInt32(shown[place * depth]) << 16 | UInt32(shown[place * depth + 1]) << 8 | UInt32(shown[place * depth + 2])
    }
  }
}
