import Foundation
import Glibc

/// How much memory one value may take: it is refused before it is made, since no program survives a lack of memory.
public enum MemoryLimit {
  /// The environment variable that sets the limit: bytes, or a number with KB, MB or GB.
  public static let variable = "VCSH_MEMORY"

  /// In bytes: what `VCSH_MEMORY` says; else three quarters of what the machine and the process's own limit allow.
  public static let bytes: Int = given(ProcessInfo.processInfo.environment[variable]) ?? allowed / 4 * 3

  /// - Throws: `unsupported`, with the limit and how to raise it, where `needed` bytes are more than it.
  public static func check(_ needed: Int, _ what: @autoclosure () -> String) throws {
    guard needed > bytes else { return }
    throw Failure(
      .unsupported,
      "\(what()) would take \(NumberText.bytes(needed)) of memory; the limit is \(NumberText.bytes(bytes))",
      hint: "on a machine with more memory set \(variable), e.g. `\(variable)=64GB`")
  }

  /// Nil for a text that is not a positive number of bytes.
  package static func given(_ text: String?) -> Int? {
    guard let text = text?.trimmingCharacters(in: .whitespaces).uppercased(), !text.isEmpty else { return nil }
    let units = [("GB", 1e9), ("MB", 1e6), ("KB", 1e3), ("B", 1), ("", 1)]
    for (unit, factor) in units where text.hasSuffix(unit) {
      guard let number = Double(text.dropLast(unit.count).trimmingCharacters(in: .whitespaces)), number > 0,
        let bytes = Int(exactly: (number * factor).rounded())
      else { return nil }
      return bytes
    }
    return nil
  }

  private static var allowed: Int {
    let machine = sysconf(Int32(_SC_PHYS_PAGES)).multipliedReportingOverflow(by: sysconf(Int32(_SC_PAGESIZE)))
      .partialValue
    var limits = [machine > 0 ? machine : 1 << 32]
    // A container's own limit, where it has one.
    for path in ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"] {
      if let text = try? String(contentsOfFile: path, encoding: .utf8),
        let limit = Int(text.trimmingCharacters(in: .whitespacesAndNewlines)), limit > 0
      {
        limits.append(limit)
      }
    }
    var address = rlimit()
    if getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &address) == 0, let limit = Int(exactly: address.rlim_cur) {
      // Of the address space the program itself, its libraries and its threads have used a part.
      limits.append(max(0, limit - used))
    }
    return limits.min() ?? machine
  }

  /// Bytes of address space that the process has taken.
  private static var used: Int {
    guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8),
      let pages = text.split(separator: " ").first.flatMap({ Int($0) })
    else { return 1 << 30 }
    return pages.multipliedReportingOverflow(by: sysconf(Int32(_SC_PAGESIZE))).partialValue
  }
}
