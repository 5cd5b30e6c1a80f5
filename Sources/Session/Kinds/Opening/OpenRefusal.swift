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
    case .yaml where isYAML(file.path, request.yaml):
      let node = try request.yaml.read(file.path)
      if node["weight_map"] != nil {
        return Failure(
          .unsupported, "\(given) lists weights in several files",
          hint: "join the parts: `safetensors.torch.save_file({**part1, **part2}, \"model.safetensors\")`", span: span)
      }
      if node["nbformat"] != nil, node["cells"] != nil {
        return Failure(
          .unsupported, "\(given) is a Jupyter notebook, which vcsh does not open",
          hint: "open it in Jupyter; docs/how-to/use-a-notebook.md installs vcsh's kernel", span: span)
      }
      let form = try TextForm.of(RegularFile(path: file.path))
      let isModel = ModelConfiguration.find(in: node) != nil
      return Failure(
        .unsupported, isModel ? "\(given) is a model's configuration" : "\(given) is \(form.phrase)",
        hint: isModel ? "open the weights that it belongs to: `open WEIGHTS --model \(given)`" : remedy(form, given),
        span: span)
    case .yaml:
      let form = try TextForm.of(RegularFile(path: file.path))
      return Failure(.unsupported, "\(given) is \(form.phrase)", hint: remedy(form, given), span: span)
    case .unknown: return ForeignFile.refusal(file.path).located(at: span)
    default:
      return Failure(
        .unsupported,
        file.kind == .npy
          ? "vcsh can't open \(given): it is one array without a name"
          : "vcsh can't open \(given): it holds nothing that vcsh works with",
        hint: file.kind == .npy
          ? "give the arrays names: `numpy.savez(\"p.npz\", rhat=…, robs=…)`; `inspect` shows what is in the file"
          : ForeignFile.opened, span: span)
    }
  }

  private static func remedy(_ form: TextForm, _ given: String) -> String {
    switch (given as NSString).pathExtension.lowercased() {
    case "dset": return "a stimulus of a recording is a file of `torch.save`: check that it is the right file"
    case "ckpt", "pt", "pth":
      return "a checkpoint is a file of `torch.save`: check that it is the right file, or copy it again"
    case "safetensors": return "copy the file again: this is not what safetensors writes"
    default: break
    }
    return form == .yaml
      ? "open the checkpoint or recording that it belongs to, with --config \(given)" : ForeignFile.opened
  }

  /// Whether a text is YAML, or is called so.
  private static func isYAML(_ path: String, _ yaml: YAMLFiles) -> Bool {
    ["yaml", "yml", "json"].contains((path as NSString).pathExtension.lowercased())
      || (try? yaml.readable(path)) ?? nil != nil
  }
}
