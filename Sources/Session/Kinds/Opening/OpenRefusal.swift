import Base
import Formats
import Foundation
import Language

/// Why a file that is of no kind of object is not opened.
package enum OpenRefusal {
  package static func failure(_ file: CandidateFile, for request: OpenRequest) throws -> Failure {
    let given = request.given
    let span = request.call.span(of: "path")
    switch file.kind {
    case .safetensors:
      return Failure(
        .unsupported, "\(given) is a safetensors file: it holds weights without the model's configuration",
        hint: "open the checkpoint (.ckpt) that it was made from", span: span)
    case .yaml where try request.yaml.readable(file.path) != nil:
      return Failure(
        .unsupported, "\(given) is a YAML file",
        hint: "open the checkpoint or recording that it belongs to, with --config \(given)", span: span)
    case .unknown where startsAsZip(file.path):
      return Failure(
        .format, "\(given) begins as a zip archive but its directory is missing: it was cut short",
        hint: "copy it again; a checkpoint that is being written is incomplete", span: span)
    default:
      return Failure(
        .unsupported, "vcsh can't open \(given): its contents are of no kind that it knows",
        hint: "checkpoints (.ckpt, .pt), recordings (.dset or a folder of them) and predictions (.npz) open",
        span: span)
    }
  }

  private static func startsAsZip(_ path: String) -> Bool {
    let file = FileHandle(forReadingAtPath: path)
    defer { try? file?.close() }
    return (try? file?.read(upToCount: 4)) == Data([0x50, 0x4b, 3, 4])
  }
}
