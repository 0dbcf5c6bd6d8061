"""Which project is in force: what was deployed, as the store has it; a folder's until there is a first deployment.

1. What is deployed is a project's content as a whole: `contents` gathers the files that it is made of.
2. A deployment is laid out as files again to be read (`layout`), in a folder named by its hash, and looked through each
   time: what is read is what was deployed, to the byte.
3. A process works by one project at a time (`Projects`), and takes up a newer one when a unit of work finds that there
   is one.
"""

from engine.wiring.deployed.candidates import Candidate, candidate, chosen, put_in_force
from engine.wiring.deployed.contents import Content, content_of
from engine.wiring.deployed.layout import laid_out
from engine.wiring.deployed.projects import Project, Projects, folder_in_force, in_force

__all__ = [
    "Candidate",
    "Content",
    "Project",
    "Projects",
    "candidate",
    "chosen",
    "content_of",
    "folder_in_force",
    "in_force",
    "laid_out",
    "put_in_force",
]
