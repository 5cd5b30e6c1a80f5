import Base
import CZlib
import Foundation

/// zlib's checksum, and compression and decompression (raw deflate) of known sizes.
enum Zlib {
  /// - Parameter start: the checksum of what comes before `bytes`.
  static func crc32(_ bytes: some ContiguousBytes, from start: UInt32 = 0) -> UInt32 {
    bytes.withUnsafeBytes { buffer in
      guard let base = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return start }
      return UInt32(truncatingIfNeeded: crc32_z(UInt(start), base, buffer.count))
    }
  }

  /// The first `count` bytes that `stream` decompresses to, or all where there are fewer. No more memory than that is
  /// used.
  ///
  /// - Parameter complete: the stream must have exactly `count` bytes.
  /// - Throws: `format` for a damaged stream.
  static func inflate(_ stream: Bytes, count: Int, complete: Bool, origin: String) throws -> Data {
    var output = Data(count: count)
    var control = z_stream()
    guard inflateInit2_(&control, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw Failure(.system, "\(origin): zlib can't start")
    }
    defer { inflateEnd(&control) }
    var position = stream.start
    let (last, written) = try inflate(stream, from: &position, into: &output, &control)
    var status = last
    if complete {
      // A stream that fills the room exactly still owes its end mark: zlib may need one more step to see it.
      if status != Z_STREAM_END, written == count {
        var spare = Data(count: 1)
        let rest = try inflate(stream, from: &position, into: &spare, &control)
        if rest.written == 0 { status = rest.status }
      }
      guard written == count, status == Z_STREAM_END else {
        throw Failure(.format, "\(origin): the compressed data is damaged or does not have the expected \(count) bytes")
      }
    } else {
      guard status == Z_STREAM_END || status == Z_OK || status == Z_BUF_ERROR else {
        throw Failure(.format, "\(origin): the compressed data is damaged")
      }
    }
    return written == count ? output : Data(output.prefix(written))
  }

  /// The checksum of the `count` bytes that `stream` decompresses to, of which only a piece is in memory at a time.
  ///
  /// - Throws: `format` for a damaged stream, or one of another length.
  static func checksum(_ stream: Bytes, count: Int, origin: String) throws -> UInt32 {
    var control = z_stream()
    guard inflateInit2_(&control, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw Failure(.system, "\(origin): zlib can't start")
    }
    defer { inflateEnd(&control) }
    var position = stream.start
    var checksum: UInt32 = 0
    var total = 0
    var piece = Data(count: RegularFile.pieceByteCount)
    while true {
      try Cancellation.current?.check()
      let (status, written) = try inflate(stream, from: &position, into: &piece, &control)
      checksum = crc32(piece.prefix(written), from: checksum)
      total += written
      if status == Z_STREAM_END, total == count { return checksum }
      guard status == Z_OK || status == Z_BUF_ERROR, written > 0, total <= count else {
        throw Failure(.format, "\(origin): the compressed data is damaged or does not have the expected \(count) bytes")
      }
    }
  }

  /// Inflates until the output is full or the stream ends; `position` is moved to the first byte that was not used.
  private static func inflate(
    _ stream: Bytes, from position: inout Int, into output: inout Data, _ control: inout z_stream
  ) throws -> (status: Int32, written: Int) {
    var status = Z_OK
    var written = 0
    // Little is read where little is asked for: a header of a large array.
    let step = max(4096, min(output.count, RegularFile.pieceByteCount))
    while position < stream.end, written < output.count, status == Z_OK || status == Z_BUF_ERROR {
      let piece = try stream.data(position..<min(position + step, stream.end))
      var consumed = 0
      status = piece.withUnsafeBytes { source in
        output.withUnsafeMutableBytes { target in
          run(&control, from: source, consumed: &consumed, into: target, written: &written) {
            CZlib.inflate($0, Z_NO_FLUSH)
          }
        }
      }
      position += consumed
    }
    return (status, written)
  }

  /// `data` as a raw deflate stream. Level 6, so that the same input always gives the same bytes.
  static func deflate(_ data: Data) throws -> Data {
    var control = z_stream()
    let size = Int32(MemoryLayout<z_stream>.size)
    guard deflateInit2_(&control, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == Z_OK else {
      throw Failure(.system, "zlib can't start")
    }
    defer { deflateEnd(&control) }
    var output = Data(count: Int(deflateBound(&control, UInt(data.count))))
    var consumed = 0
    var written = 0
    let status = data.withUnsafeBytes { source in
      output.withUnsafeMutableBytes { target in
        run(&control, from: source, consumed: &consumed, into: target, written: &written) {
          CZlib.deflate($0, Z_FINISH)
        }
      }
    }
    guard status == Z_STREAM_END else { throw Failure(.system, "zlib can't deflate \(data.count) bytes") }
    return Data(output.prefix(written))
  }

  /// Steps until the output is full, the stream ends or it fails; zlib counts in 32 bits, so in pieces.
  private static func run(
    _ control: inout z_stream, from source: UnsafeRawBufferPointer, consumed: inout Int,
    into target: UnsafeMutableRawBufferPointer, written: inout Int, step: (z_streamp) -> Int32
  ) -> Int32 {
    let piece = 1 << 30
    var status = Z_OK
    while status == Z_OK {
      let input = min(piece, source.count - consumed)
      let room = min(piece, target.count - written)
      control.next_in = UnsafeMutablePointer(
        mutating: source.baseAddress?.advanced(by: consumed).assumingMemoryBound(to: UInt8.self))
      control.next_out = target.baseAddress?.advanced(by: written).assumingMemoryBound(to: UInt8.self)
      control.avail_in = UInt32(input)
      control.avail_out = UInt32(room)
      status = step(&control)
      consumed += input - Int(control.avail_in)
      written += room - Int(control.avail_out)
      if status == Z_OK, written == target.count { break }
    }
    return status
  }
}
