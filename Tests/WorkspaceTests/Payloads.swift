import Workspace

enum Payloads {
  /// The kinds of objects that these tests' workspaces can read.
  static let all = PayloadTable([
    TwinPayload.self, RecordingPayload.self, PredictionsPayload.self, TablePayload.self, CalibrationPayload.self,
  ])
}
