import CFuzzer
import Foundation

/// `vcsh-fuzz TARGET [libFuzzer's arguments]`; see scripts/fuzz.
@main
enum Fuzz {
  /// Set once before the first input.
  nonisolated(unsafe) private static var target = FuzzTarget(name: "") { _ in }

  static func main() {
    let names = FuzzTarget.all.map(\.name)
    guard CommandLine.argc > 1, let chosen = FuzzTarget.all.first(where: { $0.name == CommandLine.arguments[1] }) else {
      print("usage: vcsh-fuzz TARGET [arguments of libFuzzer]\ntargets: \(names.joined(separator: " "))")
      exit(2)
    }
    target = chosen
    var arguments: [UnsafeMutablePointer<CChar>?] = CommandLine.arguments.enumerated().filter { $0.offset != 1 }
      .map { strdup($0.element) }
    var count = CInt(arguments.count)
    arguments.append(nil)
    let status = arguments.withUnsafeMutableBufferPointer { buffer in
      var start = buffer.baseAddress
      return LLVMFuzzerRunDriver(&count, &start) { bytes, size in
        if let bytes { Fuzz.target.tryOut(Data(bytes: bytes, count: size)) } else { Fuzz.target.tryOut(Data()) }
        return 0
      }
    }
    exit(status)
  }
}
