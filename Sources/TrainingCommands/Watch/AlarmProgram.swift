import Base
import Foundation
import Jobs
import Runs

/// The user's own program of `--on-alarm`: a command of the shell that knows the alarm by its environment.
enum AlarmProgram {
  /// Starts it and does not wait.
  ///
  /// - Returns: the work; its result is what went wrong, nil where nothing did.
  static func start(_ command: String, _ alarm: RunAlarm) -> Background<String?> {
    Background { cancellation in
      let shell = try ExternalProgram("/bin/sh", remedy: "--on-alarm runs its command by /bin/sh")
      var environment = ProcessInfo.processInfo.environment
      environment["VCSH_ALARM"] = alarm.kind.rawValue
      environment["VCSH_ALARM_RUN"] = alarm.run
      environment["VCSH_ALARM_TEXT"] = alarm.text
      let result = try shell.run(["-c", command], environment: environment, cancellation: cancellation)
      guard !result.isSuccess else { return nil }
      let error = result.errors.text.split(separator: "\n").first.map { ": \($0)" } ?? ""
      return "`\(command.shortened)`: \(result.ending)\(error)"
    }
  }
}
