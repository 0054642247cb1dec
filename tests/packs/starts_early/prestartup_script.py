import os
import sys

import folder_paths

os.environ["STARTS_EARLY"] = f"torch={'torch' in sys.modules} base={bool(folder_paths.base_path)}"
folder_paths.add_model_folder_path("early_models", os.path.join(folder_paths.models_dir, "early"))
