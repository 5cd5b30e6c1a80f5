import Workspace

/// Every kind of object, in the order in which `ls` names them.
public enum AllKinds {
  /// `open` asks the last one first: a twin takes every archive of tensors that no other kind claims.
  package static let types: [any ObjectKind.Type] = [
    TwinPayload.self,
    RecordingPayload.self,
    RunSetPayload.self,
    GridPayload.self,
    PredictionsPayload.self,
    TablePayload.self,
    CalibrationPayload.self,
  ]

  /// What a workspace reads them with.
  public static let payloads = PayloadTable(types.map { $0 })
}
