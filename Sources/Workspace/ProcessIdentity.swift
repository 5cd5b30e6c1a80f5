import Base
import Foundation
import Glibc

/// The process that runs an entry. The start time tells it from a later process with the same id.
struct ProcessIdentity: Codable, Equatable {
  var host: String
  var pid: Int32
  var startTicks: String

  static let current = ProcessIdentity(host: hostName, pid: getpid(), startTicks: ticks(of: getpid()) ?? "")

  var isHere: Bool { host == Self.hostName }

  /// False only when the process has certainly ended. For a process on another host this is not known.
  var mayBeAlive: Bool {
    guard isHere else { return true }
    guard kill(pid, 0) == 0 || errno == EPERM else { return false }
    // Without /proc the start time is unknown: then it may be the same process.
    guard let now = Self.ticks(of: pid) else { return true }
    return now == startTicks
  }

  var encoded: String { "\(host) \(pid) \(startTicks)" }

  init(host: String, pid: Int32, startTicks: String) {
    self.host = host
    self.pid = pid
    self.startTicks = startTicks
  }

  init?(encoded: String) {
    let parts = encoded.split(separator: " ", omittingEmptySubsequences: false)
    guard parts.count == 3, let pid = Int32(parts[1]) else { return nil }
    self.init(host: String(parts[0]), pid: pid, startTicks: String(parts[2]))
  }

  private static let hostName: String = {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "unknown" }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self).replacing(
      " ", with: "_")
  }()

  private static func ticks(of pid: Int32) -> String? { KernelFile.process(Int(pid))?.start }
}
