import Foundation

/// A process of the machine that vcsh did not start.
struct OtherProcess {
  let pid: Int
  /// When it began, in ticks of the system: a later process may get its number.
  private let started: String

  /// Nil where no such process lives.
  init?(pid: Int) {
    guard let started = Self.start(of: pid) else { return nil }
    self.pid = pid
    self.started = started
  }

  var isAlive: Bool { Self.start(of: pid) == started }

  /// From `/proc`: after the name in brackets stand the state and, 19 fields on, the start. A process that has ended and whose
  /// parent has not asked for its status (Z) does not live.
  private static func start(of pid: Int) -> String? {
    guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
      let bracket = text.lastIndex(of: ")")
    else { return nil }
    let fields = text[text.index(after: bracket)...].split(separator: " ")
    guard fields.count > 19, fields[0] != "Z" else { return nil }
    return String(fields[19])
  }
}
