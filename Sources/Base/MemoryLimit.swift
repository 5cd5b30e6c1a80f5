import Foundation
import Glibc
import Synchronization

/// How much memory one value may take, and all values together: what is too much is refused before it is made, since no
/// program survives a lack of memory.
public enum MemoryLimit {
  /// The environment variable that sets the limit of one value: bytes, or a number with KB, MB or GB.
  public static let variable = "VCSH_MEMORY"

  private static let chosen = given(getenv(variable).map { String(cString: $0) })

  /// In bytes: what `VCSH_MEMORY` says; else three quarters of what the machine and the process's own limit allow.
  public static let bytes: Int = chosen ?? min(machine, max(0, addressSpace - used(.addresses))) / 4 * 3

  /// - Throws: `unsupported`, with the limit and how to raise it, where `needed` bytes are more than it, or more than is left
  ///   beside all that the process holds.
  public static func check(_ needed: Int, _ what: @autoclosure () -> String) throws {
    guard needed <= bytes else {
      throw refusal(what(), needed, "the limit is \(NumberText.bytes(bytes))")
    }
    // Many small values are a large one: what is in use is looked up now and then.
    guard asked.add(max(0, needed), ordering: .relaxed).newValue >= stride else { return }
    asked.store(0, ordering: .relaxed)
    let left = left(machine: machine, addressSpace: addressSpace, isChosen: chosen != nil)
    guard needed <= left else {
      throw refusal(what(), needed, "\(NumberText.bytes(max(0, left))) are left beside what is in use")
    }
  }

  private static let asked = Atomic<Int>(0)
  private static let stride = 8 << 20

  private static func refusal(_ what: String, _ needed: Int, _ limit: String) -> Failure {
    Failure(
      .unsupported, "\(what) would take \(NumberText.bytes(needed)) of memory; \(limit)",
      hint: "on a machine with more memory set \(variable), e.g. `\(variable)=64GB`")
  }

  /// Bytes that may still be taken. Who chose a limit answers for the machine's memory; the address space ends all the same.
  package static func left(machine: Int, addressSpace: Int, isChosen: Bool) -> Int {
    // Some for what is not asked for: the stack, the catalogue, what the libraries take.
    let reserve = 48 << 20
    let addresses = addressSpace == .max ? Int.max : addressSpace - used(.addresses) - reserve
    return min(addresses, isChosen ? .max : machine / 16 * 15 - used(.resident))
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

  // MARK: What there is

  /// The machine's memory, or the container's share of it.
  private static let machine: Int = {
    let memory = sysconf(Int32(_SC_PHYS_PAGES)).multipliedReportingOverflow(by: pageSize).partialValue
    var limits = [memory > 0 ? memory : 1 << 32]
    for path in ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"] {
      if let limit = KernelFile.number(path), limit > 0 { limits.append(limit) }
    }
    return limits.min() ?? memory
  }()

  /// The process's own limit (`ulimit -v`); the largest number where it has none.
  private static let addressSpace: Int = {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else { return .max }
    return Int(exactly: limit.rlim_cur) ?? .max
  }()

  private static let pageSize = sysconf(Int32(_SC_PAGESIZE))

  private enum Use: Int {
    case addresses = 0
    case resident = 1
  }

  /// Bytes that the process has taken.
  private static func used(_ use: Use) -> Int {
    guard let text = KernelFile.text("/proc/self/statm"),
      let pages = text.split(separator: " ").dropFirst(use.rawValue).first.flatMap({ Int($0) })
    else { return 1 << 30 }
    return pages.multipliedReportingOverflow(by: pageSize).partialValue
  }
}
