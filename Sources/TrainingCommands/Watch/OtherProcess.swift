import Base

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

  /// A process that has ended and whose parent has not asked for its status (Z) does not live.
  private static func start(of pid: Int) -> String? {
    KernelFile.process(pid).flatMap { $0.state == "Z" ? nil : $0.start }
  }
}
